import { familyOf, natural, widthOf, type Service } from "../spec/index.js";

/** The key of an address in a plan: `ens32 192.0.2.1/24`. */
export function addressKey(dev: string, cidr: string): string {
  return `${dev} ${cidr}`;
}

/** True for a route of IPv6, by its key in a plan. */
export function isRoute6(to: string): boolean {
  return to === "default6" || to.includes(":");
}

/** Where a route goes, as a network also where its key says `default`. */
export function networkOfRoute(to: string): string {
  if (to === "default6") return "::/0";
  return to === "default" ? "0.0.0.0/0" : to;
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

/** How a firewall rule speaks of an address: the program of its family, and the address as a single host. */
export function ruleWords(address: string): { program: "iptables" | "ip6tables"; host: string } {
  return { program: familyOf(address) === 6 ? "ip6tables" : "iptables", host: `${address}/${widthOf(address)}` };
}

/** A sysctl of an interface; a dot in its name becomes a slash, as sysctl.d(5) wants it. */
export function interfaceSysctl(name: string, key: string): string {
  return `net.ipv4.conf.${name.replaceAll(".", "/")}.${key}`;
}

/** The same entries ordered by key, so that a plan does not depend on the order in the stack file. */
export function sorted<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => natural(a, b)));
}
