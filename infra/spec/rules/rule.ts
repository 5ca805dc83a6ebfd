import type { Cluster, Director, RealServer, Router } from "../cluster.js";
import type { Draft } from "../draft.js";
import { formatPath, type Path } from "../path.js";
import type { Problem } from "../problem.js";
import { show } from "../show.js";

/**
 * A rule across fields. It sees only the parts that have the right shape, so it must not take any of them for granted;
 * `input`, what the person wrote, tells a part that is wrong from one that is missing.
 */
export type Rule<T> = (spec: Draft<T>, input: unknown) => Problem[];

/** A host of a cluster with its place in the stack file. */
export interface PlacedHost {
  at: Path;
  role: "director" | "realServer" | "router";
  host: Draft<Director> | Draft<RealServer> | Draft<Router>;
}

/** A problem at a path below `root`; `got` is shown as it is. */
export function problem(root: "cluster" | "lab", at: Path, rule: string, got: string, next: string): Problem {
  return { path: formatPath([root, ...at]), rule, got, next };
}

/** The items of a list that have the right shape, with their paths. */
export function placed<Item>(list: readonly (Item | undefined)[] | undefined, at: Path): { at: Path; item: Item }[] {
  return (list ?? []).flatMap((item, index) => (item === undefined ? [] : [{ at: [...at, index], item }]));
}

/** Directors, real servers and routers, in the order of the stack file. */
export function hostsOf(cluster: Draft<Cluster>): PlacedHost[] {
  return [
    ...placed(cluster.directors, ["directors"]).map(({ at, item }): PlacedHost => ({
      at,
      role: "director",
      host: item,
    })),
    ...placed(cluster.realServers, ["realServers"]).map(({ at, item }): PlacedHost => ({
      at,
      role: "realServer",
      host: item,
    })),
    ...placed(cluster.routers, ["routers"]).map(({ at, item }): PlacedHost => ({ at, role: "router", host: item })),
  ];
}

/** A value that must be unique among its kind. */
export interface Claim {
  at: Path;
  value: string | number | undefined;
}

/** One problem for each value that stands a second time; it names the place of the first. */
export function duplicates(root: "cluster" | "lab", claims: readonly Claim[], rule: string, next: string): Problem[] {
  const first = new Map<string | number, Path>();
  return claims.flatMap(({ at, value }) => {
    if (value === undefined) return [];
    const other = first.get(value);
    if (other === undefined) {
      first.set(value, at);
      return [];
    }
    return [problem(root, at, rule, `${show(value)} as in ${formatPath([root, ...other])}`, next)];
  });
}
