import { addressOf, areConsecutive, familyOf, inNetwork, networkOf, parseCidr } from "../address.js";
import type { Cluster } from "../cluster.js";
import type { Draft } from "../draft.js";
import { destinationOf } from "../host.js";
import type { Problem } from "../problem.js";
import { show } from "../show.js";
import { placed, problem, type Rule } from "./rule.js";

/** How directors send to a real server: its own word, or the cluster's. */
export function methodOf(
  cluster: Draft<Cluster>,
  server: { readonly forwarding?: Draft<Cluster>["forwarding"] } | undefined,
): Draft<Cluster>["forwarding"] {
  return server?.forwarding ?? cluster.forwarding;
}

const labels = { dr: "direct routing", tun: "a tunnel", nat: "nat", fullnat: "fullnat" } as const;

/** What a forwarding method needs is there, and nothing that belongs to another one. */
export const methodFields: Rule<Cluster> = (cluster) => {
  const { forwarding, dip, lips } = cluster;
  if (forwarding === undefined) return [];
  const methods = (cluster.realServers ?? []).map((server) => methodOf(cluster, server));
  const nat = methods.includes("nat") || forwarding === "nat";
  const problems: Problem[] = [];
  const say = (at: string[], rule: string, got: string, next: string) =>
    problems.push(problem("cluster", at, rule, got, next));
  if (nat && dip === undefined)
    say(
      ["dip"],
      "the address that is the real servers' gateway under nat",
      "nothing",
      "Add dip: {address, interface}.",
    );
  if (!nat && dip !== undefined)
    say(["dip"], `no DIP, because ${labels[forwarding]} has no gateway`, "one", "Take it out.");
  if (forwarding === "fullnat" && lips === undefined)
    say(["lips"], "at least one LIP under fullnat", "nothing", "Add lips: {addresses, interface}.");
  if (forwarding !== "fullnat" && lips !== undefined)
    say(["lips"], `no LIPs, because only fullnat changes the client's address`, "some", "Take them out.");
  if (forwarding === "fullnat")
    for (const { at, item } of placed(cluster.realServers, ["realServers"]))
      if (item.forwarding !== undefined) {
        const rule = "no method of its own, because fullnat changes the source of every connection";
        problems.push(problem("cluster", [...at, "forwarding"], rule, show(item.forwarding), "Take it out."));
      }
  return problems;
};

/** Under NAT replies go through the director because the DIP is the gateway: it must be on link of every real server. */
export const dipNetwork: Rule<Cluster> = (cluster) => {
  const cidr = cluster.dip?.address === undefined ? undefined : parseCidr(cluster.dip.address);
  if (cidr === undefined) return [];
  return placed(cluster.realServers, ["realServers"]).flatMap(({ at, item }) => {
    if (methodOf(cluster, item) !== "nat" || item.address === undefined || inNetwork(item.address, cidr)) return [];
    const rule = `an address in the DIP's network ${networkOf(cidr)}, because under nat the DIP is the gateway`;
    return [problem("cluster", [...at, "address"], rule, show(item.address), "Move it there, or take fullnat.")];
  });
};

/** iptables gives connections one range of sources, and the LIPs answer on the directors' own network. */
export const lipRange: Rule<Cluster> = (cluster) => {
  const list = cluster.lips?.addresses;
  if (list === undefined || list.some((lip) => lip === undefined)) return [];
  const cidrs = (list as readonly string[]).flatMap((lip) => parseCidr(lip) ?? []);
  const addresses = cidrs.map(({ address }) => address);
  const mixed = new Set(addresses.map(familyOf)).size > 1;
  if (mixed || !areConsecutive(addresses)) {
    const next = "Take addresses one after the other, in this order.";
    const got = addresses.join(", ");
    return [problem("cluster", ["lips", "addresses"], "addresses of which each is the one before plus one", got, next)];
  }
  const names = new Set(placed(cluster.directors, ["directors"]).map(({ item }) => item.interface));
  const own = cluster.lips?.interface === undefined || (names.size === 1 && names.has(cluster.lips.interface));
  if (!own) return [];
  return cidrs.flatMap((cidr, index) => {
    const strangers = placed(cluster.directors, ["directors"]).flatMap(({ item: { name = "director", address } }) =>
      address === undefined || familyOf(address) !== familyOf(cidr.address) || inNetwork(address, cidr)
        ? []
        : [`${name} (${address})`],
    );
    if (strangers.length === 0) return [];
    const rule = `a LIP in the network of ${strangers.join(" and ")} on its interface`;
    const next = "Take one of the directors' network, or name another interface.";
    return [problem("cluster", ["lips", "addresses", index], rule, `${show(list[index])}`, next)];
  });
};

/** Direct routing and tunnels leave the packet as it is, so a real server gets it on the service's own port (ipvsadm(8)). */
export const portMapping: Rule<Cluster> = (cluster) =>
  placed(cluster.services, ["services"]).flatMap(({ at, item }) =>
    placed(item.realServers, [...at, "realServers"]).flatMap(({ at: place, item: member }) => {
      const server = (cluster.realServers ?? []).find((each) => each?.name === member.name);
      const method = methodOf(cluster, server);
      if (member.port === undefined || (item.port === undefined && item.mark === undefined)) return [];
      const got = show(member.port);
      if (item.mark !== undefined || item.port === 0) {
        const rule = "no port, because the service has many";
        return [problem("cluster", [...place, "port"], rule, got, "Leave port out.")];
      }
      if ((method !== "dr" && method !== "tun") || member.port === item.port) return [];
      const rule = `port ${item.port}, because ${labels[method]} cannot change it`;
      return [
        problem("cluster", [...place, "port"], rule, got, "Let the real server listen there, and leave port out."),
      ];
    }),
  );

/**
 * IPVS changes no address family. A tunnel of one family could carry packets of the other, but what unwraps them on the
 * real server is not set up here, nor is any tunnel for IPv6 but plain IPv6 in IPv6.
 */
export const families: Rule<Cluster> = (cluster) =>
  placed(cluster.services, ["services"]).flatMap(({ at, item }) => {
    const { vip } = item;
    if (vip === undefined) return [];
    const named = item.realServers?.flatMap((member) => member?.name ?? []);
    return placed(cluster.realServers, ["realServers"]).flatMap(({ item: server }) => {
      if (
        server.name === undefined ||
        server.address === undefined ||
        (named !== undefined && !named.includes(server.name))
      )
        return [];
      const addresses = [server.address, server.address6].flatMap((address) => address ?? []);
      if (addresses.some((address) => familyOf(address) === familyOf(vip))) return [];
      const rule = `real servers with an address of the VIP's family (IPv${familyOf(vip)}), because IPVS changes none`;
      const next = familyOf(vip) === 6 ? "Give it an address6." : "Give it an IPv4 address.";
      return [problem("cluster", [...at, "vip"], rule, `${server.name} (${addresses.join(", ")})`, next)];
    });
  });

/** gre and gue are set up for IPv4 only. */
export const tunnelFamily: Rule<Cluster> = (cluster) => {
  const type = cluster.tunnel?.type;
  const six = (cluster.vips ?? []).some((vip) => vip?.address !== undefined && familyOf(vip.address) === 6);
  const used = (cluster.realServers ?? []).some((server) => methodOf(cluster, server) === "tun");
  if (!six || !used || type === undefined || type === "ipip") return [];
  return [problem("cluster", ["tunnel", "type"], "ipip for IPv6 VIPs", show(type), "Leave it out.")];
};

/** The DIP is the gateway for one family, and nothing else may be the real servers' gateway. */
export const dipGateway: Rule<Cluster> = (cluster) => {
  const { dip } = cluster;
  if (dip?.address === undefined) return [];
  const family = familyOf(dip.address);
  const gateway = destinationOf({ to: "default", via: addressOf(dip.address) });
  const behind = placed(cluster.realServers, ["realServers"]).filter(({ item }) => methodOf(cluster, item) === "nat");
  const routes = behind.flatMap(({ at, item }) =>
    placed(item.routes, [...at, "routes"])
      .filter(({ item: { to, via } }) => to !== undefined && destinationOf({ to, via }) === gateway)
      .map(({ at: place }) =>
        problem("cluster", place, "no other default route under nat: it is the DIP", "one", "Take it out."),
      ),
  );
  const names = behind.flatMap(({ item }) => item.name ?? []);
  const services = placed(cluster.services, ["services"]).flatMap(({ at, item: { vip, realServers } }) => {
    const members = realServers?.flatMap((member) => member?.name ?? []) ?? names;
    if (vip === undefined || familyOf(vip) === family || !members.some((name) => names.includes(name))) return [];
    const rule = `a VIP of the DIP's family (IPv${family}), because the reply comes back through the DIP`;
    return [problem("cluster", [...at, "vip"], rule, show(vip), "Take a DIP of its family, or another method.")];
  });
  return [...routes, ...services];
};

/** FULLNAT sends to real servers from the LIPs: they are of the family of the VIPs. */
export const lipFamily: Rule<Cluster> = (cluster) => {
  const [first] = cluster.lips?.addresses ?? [];
  if (first === undefined) return [];
  return placed(cluster.services, ["services"]).flatMap(({ at, item }) => {
    if (item.vip === undefined || familyOf(item.vip) === familyOf(first)) return [];
    const rule = `a VIP of the LIPs' family (IPv${familyOf(first)})`;
    return [
      problem("cluster", [...at, "vip"], rule, show(item.vip), `Take LIPs of its family, not ${addressOf(first)}.`),
    ];
  });
};
