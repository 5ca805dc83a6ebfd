import type { Cluster, Service } from "../spec/index.js";
import { endpoint, serviceKey } from "./keys.js";
import { membersOf, methodOf, sortedServices, type Member } from "./pool.js";
import type { Table, TableRealServer, TableService } from "./types.js";

/** The kernel's IPVS table when every real server is healthy. */
export function tableOf(cluster: Cluster): Table {
  return Object.fromEntries(
    sortedServices(cluster).map((service): [string, TableService] => [
      serviceKey(service),
      {
        scheduler: service.scheduler,
        ...(service.schedulerFlags.length > 0 && { flags: [...service.schedulerFlags].sort() }),
        ...(service.persistence && { persistenceTimeout: service.persistence.timeout }),
        ...(service.persistence?.granularity !== undefined && {
          persistenceGranularity: String(service.persistence.granularity),
        }),
        ...(service.onePacket && { onePacket: true }),
        ...(service.inhibitOnFailure && { inhibitOnFailure: true }),
        ...(service.sorryServer && { sorryServer: sorryServerOf(cluster, service) }),
        realServers: Object.fromEntries(
          membersOf(cluster, service).map(({ address, port, weight, forwarding }) => [
            endpoint(address, port),
            entry(cluster, forwarding, weight),
          ]),
        ),
      },
    ]),
  );
}

function entry(cluster: Cluster, forwarding: Member["forwarding"], weight: number): TableRealServer {
  const words = forwarding === "tun" ? tunnelWords(cluster) : undefined;
  return { forwarding, weight, ...(words !== undefined && { tunnel: words }) };
}

/** ipvsadm's words for a tunnel that is not plain IPIP. */
function tunnelWords({ tunnel: { type, port } }: Cluster): string | undefined {
  if (type === "ipip") return undefined;
  return type === "gue" ? `--tun-type gue --tun-port ${port} --tun-nocsum` : "--tun-type gre --tun-nocsum";
}

function sorryServerOf(cluster: Cluster, service: Service): Record<string, TableRealServer> {
  const { address, port, forwarding } = service.sorryServer!;
  return {
    [endpoint(address, port ?? service.port ?? 0)]: entry(cluster, methodOf(cluster, { forwarding }), 1),
  };
}
