import { parseCluster } from "../../infra/index.js";
import { planCluster } from "../../infra/render/index.js";
import type { HostPlan } from "../../infra/plan/types.js";
import type { BenchHost } from "./hosts.js";

const VIP = "192.0.2.100";

/**
 * What is set up on each host: what this toolkit plans for a real server under direct routing. A namespace runs no systemd,
 * so that the unit which sets the VIP at boot cannot be started there; systemd-networkd's file stands in its place, for all tools.
 */
export function realServer(): HostPlan {
  const parsed = parseCluster({
    name: "bench",
    forwarding: "dr",
    vips: [{ address: `${VIP}/24`, interface: "eth0" }],
    directors: [{ name: "director", address: "192.0.2.1", interface: "eth0" }],
    realServers: [{ name: "rs", address: "192.0.2.2", interface: "eth0", packages: ["iproute2", "openssh-server"] }],
    services: [{ vip: VIP, port: 80, scheduler: "rr" }],
  });
  if (!("cluster" in parsed)) throw new Error(`bench: its own cluster must be right, got ${JSON.stringify(parsed)}`);
  const { cluster } = parsed;
  const plan = planCluster(cluster).hosts["rs"]!;
  const kept = Object.entries(plan.files).filter(([path]) => path.startsWith("/etc/sysctl.d/"));
  const content = `[Match]\nName=lo\n\n[Network]\n${Object.keys(plan.addresses)
    .map((key) => `Address=${key.split(" ")[1]}\n`)
    .join("")}`;
  const network = { content, mode: "0644", owner: "root", group: "root" };
  return {
    ...plan,
    files: { ...Object.fromEntries(kept), "/etc/systemd/network/10-lvs-lo.network": network },
    units: {},
  };
}

/** The same with one more line in a file: a change of one host. */
export function changedPlan(plan: HostPlan): HostPlan {
  const [[path, file]] = Object.entries(plan.files).slice(-1) as [[string, HostPlan["files"][string]]];
  return { ...plan, files: { ...plan.files, [path]: { ...file, content: `# changed\n${file.content}` } } };
}

/** What stands where afterwards, in words for every tool's own language. */
export interface Wanted {
  packages: string[];
  sysctls: Record<string, string>;
  /** Content by path; all are root's, 0644. */
  files: Record<string, string>;
  /** On lo, with their lengths. */
  addresses: string[];
}

export function wanted(plan: HostPlan): Wanted {
  return {
    packages: Object.keys(plan.packages),
    sysctls: plan.sysctls,
    files: Object.fromEntries(Object.entries(plan.files).map(([path, { content }]) => [path, content])),
    addresses: Object.keys(plan.addresses).map((key) => key.split(" ")[1]!),
  };
}

/** A shell script that sets it all up, and ends with 1 when it cannot: the least that any tool must do. */
export function setUpScript({ packages, sysctls, files, addresses }: Wanted): string {
  return [
    "set -eu",
    `[ "$(dpkg-query -W -f '\${db:Status-Status}\\n' ${packages.join(" ")} | grep -c '^installed$')" = ${packages.length} ]`,
    ...Object.entries(files).flatMap(([path, content]) => [
      `cat >${path}.new <<'END'\n${content}END`,
      `chmod 0644 ${path}.new && mv ${path}.new ${path}`,
    ]),
    ...Object.entries(sysctls).map(([key, value]) => `sysctl -q -w ${key}=${value}`),
    ...addresses.map((address) => `ip address replace ${address} dev lo`),
    "",
  ].join("\n");
}

/** A shell script that prints what of it is there, in a fixed order; the same text on every host that is set up. */
export function lookScript({ sysctls, files, addresses }: Wanted): string {
  return [
    ...Object.keys(files).map((path) => `stat -c '%n %a %U %G' ${path} && cat ${path} || echo no ${path}`),
    ...Object.keys(sysctls).map((key) => `sysctl ${key}`),
    ...addresses.map(
      (address) => `ip -o address show dev lo to ${address} | grep -o '${address}' || echo no ${address}`,
    ),
  ].join("\n");
}

/** What {@link lookScript} prints on a host that is set up. */
export function setUp({ sysctls, files, addresses }: Wanted): string {
  return [
    ...Object.entries(files).map(([path, content]) => `${path} 644 root root\n${content}`),
    ...Object.entries(sysctls).map(([key, value]) => `${key} = ${value}\n`),
    ...addresses.map((address) => `${address}\n`),
  ].join("");
}

/** Hosts that are not as they must be, with what stands there instead. */
export function wrong(seen: Map<string, string>, want: string, hosts: BenchHost[]): string[] {
  return hosts.filter(({ name }) => seen.get(name) !== want).map(({ name }) => `${name}:\n${seen.get(name)}`);
}
