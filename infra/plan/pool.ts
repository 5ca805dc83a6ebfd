import { checkOf, familyOf, natural, type Check, type Cluster, type RealServer, type Service } from "../spec/index.js";

/** A real server as it takes part in one service. */
export interface Member {
  name: string;
  /** Of the VIP's family where it has one. */
  address: string;
  /** 0 for a service of many ports: the one that the client asked for. */
  port: number;
  weight: number;
  forwarding: "nat" | "dr" | "tun";
}

/** How directors send to a real server; fullnat is nat whose source is changed as well. */
export function methodOf(cluster: Cluster, server: { forwarding?: RealServer["forwarding"] }): Member["forwarding"] {
  const method = server.forwarding ?? cluster.forwarding;
  return method === "fullnat" ? "nat" : method;
}

/** The real servers of a service, ordered by address: those it names, or the whole pool, but none that is to drain. */
export function membersOf(cluster: Cluster, service: Service): Member[] {
  const pool = new Map(cluster.realServers.map((server) => [server.name, server]));
  const parts =
    service.realServers ?? cluster.realServers.map(({ name }) => ({ name, weight: undefined, port: undefined }));
  return parts
    .filter(({ name }) => pool.get(name)?.drain !== true)
    .map((part): Member => {
      const server = pool.get(part.name) as RealServer;
      const other = familyOf(server.address) !== familyOf(service.vip) ? server.address6 : undefined;
      return {
        name: server.name,
        address: other ?? server.address,
        port: part.port ?? service.port ?? 0,
        weight: part.weight ?? server.weight,
        forwarding: methodOf(cluster, server),
      };
    })
    .sort((a, b) => natural(a.address, b.address) || a.port - b.port);
}

/** The check of a service: its own, or the one that fits its protocol. */
export function serviceCheck(cluster: Cluster, service: Service): Check {
  return checkOf(service, cluster.vrrp !== undefined);
}

/** The services ordered by VIP, port and protocol. */
export function sortedServices(cluster: Cluster): Service[] {
  return [...cluster.services].sort(
    (a, b) =>
      natural(a.vip, b.vip) ||
      (a.port ?? 0) - (b.port ?? 0) ||
      natural(a.protocol, b.protocol) ||
      (a.mark ?? 0) - (b.mark ?? 0),
  );
}
