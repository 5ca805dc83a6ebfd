import type { Cluster } from "../spec/index.js";
import { directorPart, vrrpPart } from "./director/host.js";
import { metricsPart } from "./director/metrics.js";
import { directorPlan } from "./director/serving.js";
import { firewallPart } from "./firewall/part.js";
import { directorPasses, realServerPasses } from "./firewall/roles.js";
import { directorParts, realServerPart } from "./forwarding/forwarding.js";
import { hostPlan } from "./host.js";
import { sorted } from "./keys.js";
import type { FileDraft } from "./part.js";
import { routerPlan } from "./router.js";
import type { ClusterPlan } from "./types.js";
import { verificationPlan } from "./verification.js";

/** The desired state of every host of a cluster, with files still as templates. Pure; the order of lists does not matter. */
export function draftCluster(cluster: Cluster): ClusterPlan<FileDraft> {
  const directors = cluster.directors.map(
    (director) =>
      [
        director.name,
        hostPlan(cluster, director, [
          directorPart(cluster, director),
          vrrpPart(cluster, director),
          ...directorParts(cluster, director),
          metricsPart(cluster, director),
          firewallPart(cluster, director, () => directorPasses(cluster, director)),
        ]),
      ] as const,
  );
  const realServers = sorted(
    cluster.realServers.map(
      (server) =>
        [
          server.name,
          hostPlan(cluster, server, [
            realServerPart(cluster, server),
            firewallPart(cluster, server, () => realServerPasses(cluster, server)),
          ]),
        ] as const,
    ),
  );
  const routers = cluster.routers.map((router) => [router.name, routerPlan(cluster, router)] as const);
  return {
    hosts: sorted([...directors, ...routers, ...Object.entries(realServers)]),
    directors: sorted(cluster.directors.map((director) => [director.name, directorPlan(cluster, director)])),
    verification: verificationPlan(cluster, realServers),
  };
}
