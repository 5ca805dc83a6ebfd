import { natural, type Cluster, type Director } from "../spec/index.js";

/** Priority of a director in a VRRP instance; in the first one its own. */
export function priorityIn(cluster: Pick<Cluster, "vrrp">, instance: string | undefined, director: Director): number {
  const further = cluster.vrrp?.instances.find(({ name }) => name === instance);
  return further?.priorities[director.name] ?? director.priority;
}

/** Directors by priority in an instance (the first one when left out), the one that should be master first. */
export function byPriority(cluster: Pick<Cluster, "vrrp" | "directors">, instance?: string): Director[] {
  const priority = (director: Director) => priorityIn(cluster, instance, director);
  return [...cluster.directors].sort((a, b) => priority(b) - priority(a) || natural(a.name, b.name));
}
