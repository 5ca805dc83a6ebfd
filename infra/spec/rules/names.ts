import type { Cluster } from "../cluster.js";
import { duplicates, hostsOf, type Rule } from "./rule.js";

/** A host has one name and one role: names are resource names and must not meet. */
export const names: Rule<Cluster> = (cluster) =>
  duplicates(
    "cluster",
    hostsOf(cluster).map(({ at, host }) => ({ at: [...at, "name"], value: host.name })),
    "a name that no other host of the cluster has",
    "Rename one of them; a host is director, real server or router, once.",
  );
