import type { Cluster } from "../spec/index.js";
import { endpoint } from "./keys.js";
import { membersOf, sortedServices } from "./pool.js";
import type { Table, TableService } from "./types.js";

/** The kernel's IPVS table when every real server is healthy. */
export function tableOf(cluster: Cluster): Table {
  return Object.fromEntries(
    sortedServices(cluster).map((service): [string, TableService] => [
      `${service.protocol} ${endpoint(service.vip, service.port)}`,
      {
        scheduler: service.scheduler,
        ...(service.schedulerFlags.length > 0 && { flags: [...service.schedulerFlags].sort() }),
        ...(service.persistence && { persistenceTimeout: service.persistence.timeout }),
        ...(service.persistence?.granularity !== undefined && {
          persistenceGranularity: service.persistence.granularity,
        }),
        realServers: Object.fromEntries(
          membersOf(cluster, service).map(({ address, port, weight }) => [
            endpoint(address, port),
            { forwarding: cluster.forwarding, weight },
          ]),
        ),
      },
    ]),
  );
}
