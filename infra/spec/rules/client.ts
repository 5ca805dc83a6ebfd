import type { Cluster } from "../cluster.js";
import { show } from "../show.js";
import { hostsOf, problem, type Rule } from "./rule.js";

/** A real server answers its own VIP over lo, a director answers before the wire: neither proves anything. */
export const client: Rule<Cluster> = (cluster) => {
  const name = cluster.verification?.client;
  const host = hostsOf(cluster).find(({ host }) => name !== undefined && host.name === name);
  if (host === undefined) return [];
  const what = { director: "a director", realServer: "a real server", router: "a router of the cluster" }[host.role];
  return [
    problem(
      "cluster",
      ["verification", "client"],
      "a host outside the cluster",
      `${show(name)}, ${what}`,
      "Name another machine.",
    ),
  ];
};
