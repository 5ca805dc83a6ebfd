import type { Table } from "../plan/index.js";
import { serviceKey } from "../plan/index.js";
import type { Cluster } from "../spec/index.js";

/** A line for each virtual service, in the words of the kernel's table. */
export function servicesOf(cluster: Cluster, table: Table): string[] {
  const ports = new Map(
    cluster.services.map((service) => [
      serviceKey(service),
      service.mark === undefined ? "" : `(${service.vip}, ports ${(service.ports ?? []).join(", ")})`,
    ]),
  );
  return Object.entries(table).map(([key, service]) => {
    const { persistenceTimeout: timeout, persistenceGranularity: granularity } = service;
    return [
      key,
      ports.get(key) ?? "",
      service.scheduler,
      ...(service.flags ?? []),
      service.onePacket ? "one packet" : "",
      timeout === undefined ? "" : `persistent ${timeout} s${granularity === undefined ? "" : ` per ${granularity}`}`,
    ]
      .filter((word) => word !== "")
      .join(" ");
  });
}
