import type { Cluster } from "../spec/index.js";
import { directorPart } from "./director/host.js";
import { directorPlan } from "./director/keepalived.js";
import { forwardingOf } from "./forwarding/forwarding.js";
import { hostPlan } from "./host.js";
import { sorted } from "./keys.js";
import type { FileDraft } from "./part.js";
import type { ClusterPlan } from "./types.js";
import { verificationPlan } from "./verification.js";

/** The desired state of every host of a cluster, with files still as templates. Pure; the order of lists does not matter. */
export function draftCluster(cluster: Cluster): ClusterPlan<FileDraft> {
  const method = forwardingOf(cluster);
  const directors = cluster.directors.map(
    (director) =>
      [
        director.name,
        hostPlan(cluster.name, director, [directorPart(cluster, director), method.director(cluster, director)]),
      ] as const,
  );
  const realServers = sorted(
    cluster.realServers.map(
      (server) => [server.name, hostPlan(cluster.name, server, [method.realServer(cluster, server)])] as const,
    ),
  );
  return {
    hosts: sorted([...directors, ...Object.entries(realServers)]),
    directors: sorted(cluster.directors.map((director) => [director.name, directorPlan(cluster, director)])),
    verification: verificationPlan(cluster, realServers),
  };
}
