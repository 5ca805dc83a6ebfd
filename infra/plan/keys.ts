import { familyOf, natural, type Service } from "../spec/index.js";

/** The key of an address in a plan: `ens32 192.0.2.1/24`. */
export function addressKey(dev: string, cidr: string): string {
  return `${dev} ${cidr}`;
}

/** The key of a real server in the kernel's table: `192.0.2.1:80`, `[2001:db8::1]:80`. */
export function endpoint(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The key of a service in the kernel's table: `tcp 192.0.2.1:80`, `fwmark 7`, `fwmark 7 inet6`. */
export function serviceKey({ vip, port = 0, protocol, mark }: Service): string {
  if (mark !== undefined) return `fwmark ${mark}${familyOf(vip) === 6 ? " inet6" : ""}`;
  return `${protocol} ${endpoint(vip, port)}`;
}

/** A sysctl of an interface; a dot in its name becomes a slash, as sysctl.d(5) wants it. */
export function interfaceSysctl(name: string, key: string): string {
  return `net.ipv4.conf.${name.replaceAll(".", "/")}.${key}`;
}

/** The same entries ordered by key, so that a plan does not depend on the order in the stack file. */
export function sorted<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => natural(a, b)));
}
