import type { StackFile } from "../../lab/support/stack.js";
import type { BenchHost } from "../hosts.js";

/** What the base's stack file says of the lab, and the bench must know. */
export const SEGMENT = "lan";
export const SUBNET = "192.168.184.0/24";
export const VIP = "192.168.184.100";
export const DIRECTORS = ["director-a", "director-b"] as const;
/** The links of a real server: to the segment of the cluster, and to the network by which hosts are reached. */
export const NICS = { cluster: "eth0", management: "mgmt" } as const;

/** Addresses that the base's stack file has given away in the segment. */
export function taken({ config }: StackFile): string[] {
  const machines = Object.values(config["lvs:lab"].machines as Record<string, { interfaces: object }>);
  const links = machines.flatMap(({ interfaces }) => Object.values(interfaces) as { addresses: string[] }[]);
  return [VIP, ...links.flatMap(({ addresses }) => addresses.map((each) => each.split("/")[0]!))];
}

/** Makes of case 1's stack file a lab of its two directors alone. */
export function directorsOnly({ config }: StackFile): void {
  const { machines } = config["lvs:lab"];
  for (const name of Object.keys(machines)) if (!(DIRECTORS as readonly string[]).includes(name)) delete machines[name];
  delete config["lvs:cluster"];
}

/**
 * Makes of case 1's stack file the bench's cluster: its two directors, and real servers that are the bench's own hosts.
 * @param weights of those whose weight is other than 1.
 */
export function cluster(
  realServers: BenchHost[],
  privateKey: string,
  weights: Record<string, number>,
): (file: StackFile) => void {
  return (file) => {
    const { "lvs:cluster": was } = file.config;
    directorsOnly(file);
    const { vips, vrrp, directors } = was;
    file.config["lvs:cluster"] = {
      ...{ name: "bench", forwarding: "dr", vips, vrrp, directors },
      realServers: realServers.map(({ name, address, addresses, hostKey }) => ({
        ...{ name, address: addresses[NICS.cluster], interface: NICS.cluster, weight: weights[name] ?? 1 },
        connection: { host: address, hostKey, privateKey },
      })),
      services: [{ vip: VIP, port: 80, scheduler: "wrr", check: { type: "http", path: "/", status: 200 } }],
    };
  };
}

/** What `ipvsadm -Sn` must print on a director, sorted. */
export function tableOf(realServers: BenchHost[], weights: Record<string, number>): string[] {
  const service = `${VIP}:80`;
  return [
    `-A -t ${service} -s wrr`,
    ...realServers.map(
      ({ name, addresses }) => `-a -t ${service} -r ${addresses[NICS.cluster]}:80 -g -w ${weights[name] ?? 1}`,
    ),
  ].sort();
}
