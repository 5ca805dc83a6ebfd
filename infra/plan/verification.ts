import type { Cluster, Service } from "../spec/index.js";
import type { FileDraft } from "./part.js";
import { endpoint } from "./keys.js";
import { byPriority } from "./order.js";
import { membersOf, sortedServices } from "./pool.js";
import { tableOf } from "./table.js";
import { failoverBound, settleSeconds } from "./timing.js";
import type { HostPlan, VerificationPlan } from "./types.js";
import { directorVips, loopbackVips } from "./vips.js";

/** What must be true of the whole cluster; `hosts` are the plans of its real servers. */
export function verificationPlan(
  cluster: Cluster,
  hosts: Readonly<Record<string, HostPlan<FileDraft>>>,
): VerificationPlan {
  const directors = byPriority(cluster);
  const bound = failoverBound(cluster);
  const [first] = directors;
  return {
    vips: first === undefined ? [] : directorVips(cluster, first),
    directors: directors.map(({ name }) => name),
    ...(first !== undefined && !cluster.vrrp.nopreempt && { holder: first.name }),
    table: tableOf(cluster),
    realServers: Object.fromEntries(
      Object.entries(hosts).map(([name, plan]) => [
        name,
        { addresses: Object.keys(loopbackVips(cluster)), sysctls: plan.sysctls },
      ]),
    ),
    requests: sortedServices(cluster).map((service) => ({
      url: urlOf(service),
      realServers: membersOf(cluster, service)
        .filter(({ weight }) => weight > 0)
        .map(({ name }) => name),
    })),
    settleSeconds: settleSeconds(cluster),
    ...(bound !== undefined && { failoverBoundSeconds: bound }),
  };
}

function urlOf(service: Service): string {
  const place = endpoint(service.vip, service.port);
  return service.check.type === "http" ? `http://${place}${service.check.path}` : `tcp://${place}`;
}
