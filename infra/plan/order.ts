import { natural, type Cluster, type Director } from "../spec/index.js";

/** Directors by priority, the one that should be master first. */
export function byPriority(cluster: Cluster): Director[] {
  return [...cluster.directors].sort((a, b) => b.priority - a.priority || natural(a.name, b.name));
}
