import { addressOf, familyOf, inNetwork, networkOf, parseCidr, widthOf } from "../address.js";
import type { Cluster } from "../cluster.js";
import type { Draft } from "../draft.js";
import type { Path } from "../path.js";
import type { Problem } from "../problem.js";
import { show } from "../show.js";
import { duplicates, hostsOf, placed, problem, type Claim, type Rule } from "./rule.js";

/** Every address of the cluster stands once: hosts' own, their further ones, and VIPs. */
export const uniqueAddresses: Rule<Cluster> = (cluster) => {
  const hosts = hostsOf(cluster);
  const own: Claim[] = hosts.flatMap(({ at, host }) => [
    { at: [...at, "address"], value: host.address },
    { at: [...at, "address6"], value: host.address6 },
  ]);
  const further: Claim[] = hosts.flatMap(({ at, host }) =>
    placed(host.addresses, [...at, "addresses"]).map(({ at: place, item }) => ({
      at: [...place, "address"],
      value: item.address && addressOf(item.address),
    })),
  );
  const vips: Claim[] = placed(cluster.vips, ["vips"]).map(({ at, item }) => ({
    at: [...at, "address"],
    value: item.address && addressOf(item.address),
  }));
  const dip: Claim = { at: ["dip", "address"], value: cluster.dip?.address && addressOf(cluster.dip.address) };
  const lips: Claim[] = placed(cluster.lips?.addresses, ["lips", "addresses"]).map(({ at, item }) => ({
    at,
    value: addressOf(item),
  }));
  return duplicates(
    "cluster",
    [...own, ...further, ...vips, dip, ...lips],
    "an address that nothing else in the cluster has",
    "Give each host, VIP, DIP and LIP an address of its own.",
  );
};

/** `address6` is the IPv6 address beside an IPv4 one. */
export const addressFamilies: Rule<Cluster> = (cluster) =>
  hostsOf(cluster).flatMap(({ at, host: { address, address6 } }) => {
    if (address6 === undefined) return [];
    const place = [...at, "address6"];
    if (familyOf(address6) === 4)
      return [problem("cluster", place, "an IPv6 address", show(address6), "Put an IPv4 address into address.")];
    if (address === undefined || familyOf(address) === 4) return [];
    const next = "Leave it out.";
    return [problem("cluster", place, "no second IPv6 address beside an IPv6 address", show(address6), next)];
  });

/** The directors on the interface of a VIP are in its network. */
export const vipNetworks: Rule<Cluster> = (cluster) =>
  placed(cluster.vips, ["vips"]).flatMap(({ at, item }) => {
    const cidr = item.address === undefined ? undefined : parseCidr(item.address);
    if (cidr === undefined) return [];
    if (cidr.prefix === widthOf(cidr.address)) return [];
    // What directors have beside `address` is not known here.
    const strangers = placed(cluster.directors, ["directors"])
      .filter(({ item: director }) => item.interface === undefined || item.interface === director.interface)
      .flatMap(({ item: { name = "director", address } }) =>
        address === undefined || familyOf(address) !== familyOf(cidr.address) || inNetwork(address, cidr)
          ? []
          : [`${name} (${address})`],
      );
    if (strangers.length === 0) return [];
    const rule = `a VIP in the network of ${strangers.join(" and ")} on its interface`;
    const next = `Take one of the directors' network, correct the prefix length, or use /${widthOf(cidr.address)}.`;
    return [problem("cluster", [...at, "address"], rule, `${show(item.address)} in ${networkOf(cidr)}`, next)];
  });

/** A label begins with the interface that gets it, and stands once per interface; the VIP's interface is the same on every director. */
export const vipLabels: Rule<Cluster> = (cluster) => {
  const vips = placed(cluster.vips, ["vips"]);
  const wrong = vips.flatMap(({ at, item }) => {
    const name = item.interface ?? sharedInterface(cluster);
    if (item.label === undefined || name === undefined || item.label.startsWith(`${name}:`)) return [];
    const next = `Write it as ${name}:${item.label.split(":")[1] ?? "0"}.`;
    return [
      problem(
        "cluster",
        [...at, "label"],
        `a label that begins with the VIP's interface ${name}`,
        show(item.label),
        next,
      ),
    ];
  });
  const mixed = vips.flatMap(({ at, item }): Problem[] => {
    const names = [...new Set((cluster.directors ?? []).flatMap((director) => director?.interface ?? []))];
    if (item.interface !== undefined || names.length < 2) return [];
    const next = "Name the interface here, the same on every director.";
    return [
      problem("cluster", [...at, "interface"], "one interface name for all directors", names.join(" and "), next),
    ];
  });
  const labels: Claim[] = vips.map(({ at, item }) => ({ at: [...at, "label"], value: item.label }));
  return [...wrong, ...mixed, ...duplicates("cluster", labels, "a label that no other VIP has", "Count on: ens32:4.")];
};

/** A further address is labelled after its interface. */
export const furtherLabels: Rule<Cluster> = (cluster) =>
  hostsOf(cluster).flatMap(({ at, host }) =>
    placed(host.addresses, [...at, "addresses"]).flatMap(({ at: place, item }) => {
      if (item.label === undefined || item.interface === undefined || item.label.startsWith(`${item.interface}:`))
        return [];
      return [labelProblem([...place, "label"], item.interface, item.label)];
    }),
  );

function labelProblem(at: Path, name: string, label: string): Problem {
  const next = `Write it as ${name}:${label.split(":")[1] ?? "0"}.`;
  return problem("cluster", at, `a label that begins with its interface ${name}`, show(label), next);
}

function sharedInterface(cluster: Draft<Cluster>): string | undefined {
  const names = new Set((cluster.directors ?? []).map((director) => director?.interface));
  return names.size === 1 ? [...names][0] : undefined;
}
