import { familyOf } from "../address.js";
import type { Cluster } from "../cluster.js";
import { suggest } from "../nearest.js";
import { show } from "../show.js";
import { duplicates, placed, problem, type Rule } from "./rule.js";

/** Two directors of one priority would elect by address, in an order that nobody wrote down. */
export const priorities: Rule<Cluster> = (cluster) => [
  ...duplicates(
    "cluster",
    placed(cluster.directors, ["directors"]).map(({ at, item }) => ({ at: [...at, "priority"], value: item.priority })),
    "a priority that no other director has",
    "Give the director that should be master the higher one.",
  ),
  ...placed(cluster.vrrp?.instances, ["vrrp", "instances"]).flatMap(({ at, item }) =>
    duplicates(
      "cluster",
      placed(cluster.directors, ["directors"]).map(({ item: { name = "", priority } }) => ({
        at: [...at, "priorities", name],
        value: item.priorities?.[name] ?? priority,
      })),
      "a priority that no other director has in this instance",
      "Give the director that should be master of it the higher one.",
    ),
  ),
];

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

/** Instances have names and ids of their own, at least one VIP, and priorities of directors that there are. */
export const instances: Rule<Cluster> = (cluster) => {
  const { vrrp } = cluster;
  const further = placed(vrrp?.instances, ["vrrp", "instances"]);
  const first = { at: ["vrrp"], name: vrrp?.instance, virtualRouterId: vrrp?.virtualRouterId };
  const all = [first, ...further.map(({ at, item }) => ({ at, ...item }))];
  // VIPs of the other family, and a DIP on a wire of its own, have instances with names made of these.
  const made = all.flatMap(({ name }) => (name === undefined ? [] : [`${name}_6`, `${name}_DIP`]));
  const names = all.map(({ at, name }, index) => ({ at: [...at, index === 0 ? "instance" : "name"], value: name }));
  const ids = all.map(({ at, virtualRouterId: value }) => ({ at: [...at, "virtualRouterId"], value }));
  const known = all.flatMap(({ name }) => name ?? []);
  const used = placed(cluster.vips, ["vips"]).map(({ at, item }) => ({ at: [...at, "instance"], name: item.instance }));
  const directors = (cluster.directors ?? []).flatMap((director) => director?.name ?? []);
  return [
    ...duplicates("cluster", names, "a name that no other instance has", "Rename one of them."),
    ...names.flatMap(({ at, value }) =>
      value !== undefined && made.includes(value)
        ? [problem("cluster", at, "a name that is not made for another instance", show(value), "Rename it.")]
        : [],
    ),
    ...duplicates("cluster", ids, "a virtual router id that no other instance has", "Give each one of its own."),
    ...used.flatMap(({ at, name }) =>
      name === undefined || known.includes(name)
        ? []
        : [problem("cluster", at, "one of the VRRP instances", show(name), suggest(name, known))],
    ),
    ...(used.length > 0 &&
    used.every(({ name }) => further.some(({ item }) => item.name === name && name !== undefined))
      ? [problem("cluster", ["vrrp"], "a VIP in the first instance", "none", "Leave instance out at one of the VIPs.")]
      : []),
    ...further.flatMap(({ at, item }) =>
      item.name === undefined || used.some(({ name }) => name === item.name)
        ? []
        : [problem("cluster", at, "an instance with a VIP", "none", `Write instance: ${item.name} at a VIP.`)],
    ),
    ...further.flatMap(({ at, item }) =>
      Object.keys(item.priorities ?? {})
        .filter((name) => !directors.includes(name) && directors.length === cluster.directors?.length)
        .map((name) =>
          problem("cluster", [...at, "priorities", name], "a director", show(name), suggest(name, directors)),
        ),
    ),
  ];
};

/**
 * Replies come back to the DIP under NAT, and to the LIPs under FULLNAT. Both move with the first instance, so a VIP whose master
 * is another director would be asked there, and answered elsewhere.
 */
export const returning: Rule<Cluster> = (cluster) => {
  const { directors, forwarding, vrrp } = cluster;
  const methods = [forwarding, ...(cluster.realServers ?? []).map((server) => server?.forwarding)];
  const method = (["nat", "fullnat"] as const).find((each) => methods.includes(each));
  if (method === undefined) return [];
  const masterBy = (priorities: Record<string, number | undefined> = {}) => {
    const all = placed(directors, ["directors"]).map(({ item: { name = "", priority = 0 } }) => ({
      name,
      priority: priorities[name] ?? priority,
    }));
    const top = Math.max(...all.map(({ priority }) => priority));
    return all.find(({ priority }) => priority === top)?.name;
  };
  const first = masterBy();
  const back = method === "nat" ? "the DIP moves" : "the LIPs move";
  return placed(vrrp?.instances, ["vrrp", "instances"]).flatMap(({ at, item: { priorities } }) => {
    const master = masterBy(priorities);
    if (master === first) return [];
    const rule = `${first} as master, because under ${method} ${back} with the first instance`;
    const next = `Give ${first} the highest priority here too, or take dr or tun.`;
    return [problem("cluster", [...at, "priorities"], rule, show(master), next)];
  });
};

/** A master that comes back and preempts before it was told of the connections loses them (kernel `ipvs-sysctl`, sync). */
export const connectionSync: Rule<Cluster> = (cluster) => {
  const { connectionSync: sync, nopreempt, preemptDelay } = cluster.vrrp ?? {};
  if (sync === undefined || nopreempt === true || preemptDelay !== undefined) return [];
  const next = "Set nopreempt, or a preemptDelay of some seconds.";
  return [problem("cluster", ["vrrp", "connectionSync"], "nopreempt or preemptDelay beside it", "neither", next)];
};

/** VRRP watches its own interface by itself (keepalived warns of it); a tracked program has a name of its own. */
export const tracking: Rule<Cluster> = (cluster) => [
  ...placed(cluster.vrrp?.trackInterfaces, ["vrrp", "trackInterfaces"]).flatMap(({ at, item }) =>
    placed(cluster.directors, ["directors"])
      .filter(({ item: { interface: own } }) => own === item)
      .slice(0, 1)
      .map(() => problem("cluster", at, "an interface beside the directors' own", show(item), "Take it out.")),
  ),
  ...duplicates(
    "cluster",
    placed(cluster.vrrp?.trackScripts, ["vrrp", "trackScripts"]).map(({ at, item }) => ({
      at: [...at, "name"],
      value: item.name,
    })),
    "a name that no other program has",
    "Rename one of them.",
  ),
];

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
  if (cluster.vrrp?.unicast !== true) return [];
  const at = ["vrrp", "unicast"];
  if (cluster.directors?.length === 1)
    return [problem("cluster", at, "a second director to talk to", "one director", "Add one, or take unicast out.")];
  const families = new Set(
    placed(cluster.vips, ["vips"]).flatMap(({ item }) => item.address && familyOf(item.address)),
  );
  return placed(cluster.directors, ["directors"]).flatMap(({ at: place, item }) => {
    const own = [item.address, item.address6].flatMap((address) => (address === undefined ? [] : [familyOf(address)]));
    if (own.length === 0 || !families.has(6) || own.includes(6)) return [];
    const rule = "an IPv6 address, because the directors tell each other of IPv6 VIPs over it";
    return [problem("cluster", [...place, "address6"], rule, "nothing", "Add it, or take unicast out.")];
  });
};
