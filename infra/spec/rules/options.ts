import { familyOf } from "../address.js";
import type { Cluster } from "../cluster.js";
import { valueAt } from "../path.js";
import type { Problem } from "../problem.js";
import { show } from "../show.js";
import { placed, problem, type Rule } from "./rule.js";
import { complete, weightsOf } from "./members.js";

/** What only some protocols or address families have. */
export const serviceOptions: Rule<Cluster> = (cluster) =>
  placed(cluster.services, ["services"]).flatMap(({ at, item }): Problem[] => {
    const { onePacket, protocol, persistence, vip, hysteresis, quorum, realServers } = item;
    const problems: Problem[] = [];
    const say = (keys: string[], rule: string, got: string, next: string) =>
      problems.push(problem("cluster", [...at, ...keys], rule, got, next));
    if (onePacket === true && protocol !== undefined && protocol !== "udp")
      say(["onePacket"], "one-packet scheduling for udp only", `true with ${protocol}`, "Take it out.");
    if (onePacket === true && persistence !== undefined)
      say(["onePacket"], "no one-packet scheduling beside persistence", "both", "Take one of them out.");
    const granularity = persistence?.granularity;
    if (granularity !== undefined && vip !== undefined) {
      const six = familyOf(vip) === 6;
      if (six !== (typeof granularity === "number")) {
        const rule = six ? "a prefix length for an IPv6 VIP" : "a netmask for an IPv4 VIP";
        const next = six ? "Write it as 64." : "Write it as 255.255.255.0.";
        say(["persistence", "granularity"], rule, show(granularity), next);
      }
    }
    const { sorryServer, mark, port } = item;
    const many = mark !== undefined || port === 0;
    const method = sorryServer?.forwarding ?? cluster.forwarding;
    if (sorryServer?.port !== undefined && (method === "dr" || method === "tun") && sorryServer.port !== port) {
      const rule = many ? "no port, because the service has many" : `port ${port}, because ${method} cannot change it`;
      // Without a port of its own the service is refused already.
      if (many || port !== undefined) say(["sorryServer", "port"], rule, show(sorryServer.port), "Leave it out.");
    }
    if (sorryServer?.address !== undefined && vip !== undefined && familyOf(sorryServer.address) !== familyOf(vip))
      say(
        ["sorryServer", "address"],
        "an address of the VIP's family",
        show(sorryServer.address),
        "Take one of its family.",
      );
    if (hysteresis !== undefined && quorum === undefined)
      say(["hysteresis"], "a quorum beside it", show(hysteresis), "Add quorum, or take it out.");
    else if (hysteresis !== undefined && quorum !== undefined && hysteresis >= quorum)
      say(["hysteresis"], `less than the quorum of ${quorum}`, show(hysteresis), "Lower it.");
    const pool = cluster.realServers ?? [];
    if (quorum !== undefined && complete(pool)) {
      const weights = weightsOf(pool, realServers);
      const total = weights.reduce<number>((sum, weight) => sum + (weight ?? 0), 0);
      if (quorum > total)
        say(["quorum"], `at most the total weight of ${total}`, show(quorum), "Lower it: it could never be met.");
    }
    return problems;
  });

/** Without keepalived there is one director, nobody checks, and nothing moves. */
export const withoutKeepalived: Rule<Cluster> = (cluster, input) => {
  if (valueAt(input, ["vrrp"]) !== undefined) return [];
  const next = "Take it out, or add vrrp: {virtualRouterId}.";
  const why = "without vrrp there is no keepalived";
  const directors = placed(cluster.directors, ["directors"]);
  return [
    ...directors
      .slice(1)
      .map(({ at, item }) =>
        problem("cluster", at, `one director, because ${why}`, show(item.name), "Add vrrp: {virtualRouterId}."),
      ),
    ...directors.flatMap(({ at, item }) =>
      item.state === undefined
        ? []
        : [problem("cluster", [...at, "state"], `no state, because ${why}`, show(item.state), next)],
    ),
    ...placed(cluster.vips, ["vips"]).flatMap(({ at, item }) =>
      item.instance === undefined
        ? []
        : [problem("cluster", [...at, "instance"], `no instance, because ${why}`, show(item.instance), next)],
    ),
    ...placed(cluster.services, ["services"]).flatMap(({ at, item }) =>
      (["check", "quorum", "sorryServer", "inhibitOnFailure", "alpha"] as const)
        .filter((key) => item[key] !== undefined && item[key] !== false)
        .map((key) => problem("cluster", [...at, key], `no ${key}, because ${why}`, show(item[key]), next)),
    ),
  ];
};
