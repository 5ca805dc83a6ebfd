import { natural, type Cluster, type RealServer, type Service } from "../spec/index.js";

/** A real server as it takes part in one service. */
export interface Member {
  name: string;
  address: string;
  port: number;
  weight: number;
}

/** The real servers of a service, ordered by address: those it names, or the whole pool. */
export function membersOf(cluster: Cluster, service: Service): Member[] {
  const pool = new Map(cluster.realServers.map((server) => [server.name, server]));
  const parts =
    service.realServers ?? cluster.realServers.map(({ name }) => ({ name, weight: undefined, port: undefined }));
  return parts
    .map((part): Member => {
      const server = pool.get(part.name) as RealServer;
      return {
        name: server.name,
        address: server.address,
        port: part.port ?? service.port,
        weight: part.weight ?? server.weight,
      };
    })
    .sort((a, b) => natural(a.address, b.address) || a.port - b.port);
}

/** The services ordered by VIP, port and protocol. */
export function sortedServices(cluster: Cluster): Service[] {
  return [...cluster.services].sort(
    (a, b) => natural(a.vip, b.vip) || a.port - b.port || natural(a.protocol, b.protocol),
  );
}
