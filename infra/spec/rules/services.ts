import { addressOf } from "../address.js";
import type { Cluster } from "../cluster.js";
import type { Draft } from "../draft.js";
import { suggest } from "../nearest.js";
import type { Problem } from "../problem.js";
import { schedulerFlags, type Service } from "../service.js";
import { show } from "../show.js";
import { duplicates, placed, problem, type Rule } from "./rule.js";
import type { Path } from "../path.js";
import { complete, weightsOf } from "./members.js";

/** A service stands on a VIP of the cluster. */
export const knownVips: Rule<Cluster> = (cluster) => {
  if (!complete(cluster.vips)) return [];
  const known = (cluster.vips ?? []).flatMap((vip) => (vip?.address === undefined ? [] : [addressOf(vip.address)]));
  return placed(cluster.services, ["services"]).flatMap(({ at, item }) => {
    if (item.vip === undefined || known.includes(item.vip)) return [];
    return [problem("cluster", [...at, "vip"], "one of the cluster's VIPs", show(item.vip), suggest(item.vip, known))];
  });
};

/** A service's real servers are of the pool, each once, at least one. */
export const serviceRealServers: Rule<Cluster> = (cluster) => {
  const known = (cluster.realServers ?? []).flatMap((server) => server?.name ?? []);
  return placed(cluster.services, ["services"]).flatMap(({ at, item }): Problem[] => {
    const place = [...at, "realServers"];
    const listed = placed(item.realServers, place).map(({ at, item: { name } }) => ({
      at: [...at, "name"],
      value: name,
    }));
    const unknown = listed.flatMap(({ at, value }) => {
      if (value === undefined || known.includes(value) || !complete(cluster.realServers)) return [];
      return [problem("cluster", at, "a real server of the pool", show(value), suggest(value, known))];
    });
    const twice = duplicates("cluster", listed, "a real server once in a service", "Take one of them out.");
    return [...unknown, ...twice];
  });
};

/** With a total weight of 0 keepalived reduces the quorum to 0 and warns (measured with 2.2.7): such a service serves nobody. */
export const totalWeight: Rule<Cluster> = (cluster) => {
  const pool = cluster.realServers ?? [];
  if (!complete(pool)) return [];
  return placed(cluster.services, ["services"]).flatMap(({ at, item }) => {
    const weights = weightsOf(pool, item.realServers);
    if (weights.length === 0 || weights.some((weight) => weight !== 0)) return [];
    const next = "Give one a weight, or take the service out.";
    return [problem("cluster", at, "a real server with a weight above 0 that does not drain", "none", next)];
  });
};

/** A flag belongs to one scheduler (ipvsadm(8), option -b). */
export const flags: Rule<Cluster> = (cluster) =>
  placed(cluster.services, ["services"]).flatMap(({ at, item }) => [
    ...flagProblems([...at, "schedulerFlags"], item),
    ...duplicates(
      "cluster",
      placed(item.schedulerFlags, [...at, "schedulerFlags"]).map(({ at, item }) => ({ at, value: item })),
      "a flag once",
      "Take one of them out.",
    ),
  ]);

function flagProblems(at: Path, service: Draft<Service>): Problem[] {
  const { scheduler } = service;
  if (scheduler === undefined) return [];
  const own = schedulerFlags[scheduler] ?? [];
  const rule =
    own.length > 0 ? `a flag of ${scheduler}: ${own.join(" or ")}` : `no flag, because ${scheduler} has none`;
  return placed(service.schedulerFlags, at)
    .filter(({ item }) => !own.includes(item))
    .map(({ at, item }) => problem("cluster", at, rule, show(item), "Take it out, or change the scheduler."));
}
