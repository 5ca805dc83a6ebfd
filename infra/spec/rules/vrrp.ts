import type { Cluster } from "../cluster.js";
import { show } from "../show.js";
import { duplicates, placed, problem, type Rule } from "./rule.js";

/** Two directors of one priority would elect by address, in an order that nobody wrote down. */
export const priorities: Rule<Cluster> = (cluster) =>
  duplicates(
    "cluster",
    placed(cluster.directors, ["directors"]).map(({ at, item }) => ({ at: [...at, "priority"], value: item.priority })),
    "a priority that no other director has",
    "Give the director that should be master the higher one.",
  );

/** At most one MASTER, and it has the highest priority; none where a delay or nopreempt must work (keepalived.conf(5)). */
export const states: Rule<Cluster> = (cluster) => {
  const directors = placed(cluster.directors, ["directors"]);
  const masters = directors.filter(({ item }) => item.state === "MASTER");
  const reason =
    cluster.vrrp?.nopreempt === true
      ? "nopreempt"
      : cluster.vrrp?.preemptDelay !== undefined
        ? "preemptDelay"
        : undefined;
  if (reason !== undefined) {
    return masters.map(({ at }) =>
      problem(
        "cluster",
        [...at, "state"],
        `BACKUP, because ${reason} works from that state only`,
        `"MASTER"`,
        "Write BACKUP, or leave it out.",
      ),
    );
  }
  const top = Math.max(...directors.map(({ item }) => item.priority ?? 0));
  const best = directors.find(({ item }) => item.priority === top)?.item.name ?? "another director";
  const extra = masters
    .slice(1)
    .map(({ at }) =>
      problem("cluster", [...at, "state"], "one MASTER in a cluster", "a second one", "Write BACKUP, or leave it out."),
    );
  const low = masters
    .slice(0, 1)
    .filter(({ item }) => item.priority !== undefined && item.priority < top)
    .map(({ at, item }) => {
      const got = `MASTER with priority ${item.priority}, below ${best}'s ${top}`;
      return problem(
        "cluster",
        [...at, "state"],
        "MASTER for the director of the highest priority",
        got,
        "Swap the states or the priorities.",
      );
    });
  const complete = directors.length > 0 && directors.length === cluster.directors?.length;
  const none = complete && directors.every(({ item }) => item.state === "BACKUP");
  if (!none) return [...extra, ...low];
  const next = `Write MASTER at ${best}, leave state out, or set vrrp.nopreempt.`;
  return [problem("cluster", ["directors"], "one MASTER in a cluster that preempts", "BACKUP everywhere", next)];
};

/** A delay before preempting says nothing where nobody preempts. */
export const preemption: Rule<Cluster> = (cluster) => {
  const { nopreempt, preemptDelay } = cluster.vrrp ?? {};
  if (nopreempt !== true || preemptDelay === undefined) return [];
  return [
    problem(
      "cluster",
      ["vrrp", "preemptDelay"],
      "no delay together with nopreempt",
      show(preemptDelay),
      "Take one of the two out.",
    ),
  ];
};

/** Without a peer keepalived falls back to multicast (measured, and keepalived.conf(5) unicast_fault_no_peer). */
export const unicastPeers: Rule<Cluster> = (cluster) => {
  if (cluster.vrrp?.unicast !== true || cluster.directors?.length !== 1) return [];
  return [
    problem(
      "cluster",
      ["vrrp", "unicast"],
      "a second director to talk to",
      "one director",
      "Add one, or take unicast out.",
    ),
  ];
};
