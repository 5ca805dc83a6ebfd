import { createHash } from "node:crypto";
import { familyOf } from "../../spec/index.js";
import type { Message, Pass } from "./pass.js";

type Family = "ip" | "ip6";

/** nft's word for the family of an address. */
export function nftFamily(address: string): Family {
  return familyOf(address) === 6 ? "ip6" : "ip";
}

/**
 * The key of a rule in a chain of our own table: `nft ip pulumi_lvs prerouting …`. The comment names it, since nft shows a
 * rule in other words than it was given.
 */
export function ownRule(cluster: string, family: Family, chain: string, statement: string): string {
  return `nft ${family} pulumi_lvs ${chain} ${named(cluster, chain, statement)}`;
}

/**
 * The key of a rule that stands first in each filtering chain of the host at a hook: `nft input ip …`. An accept in a chain of
 * our own would not do: the packet goes on to the host's chain, which drops it.
 */
export function nftPass(cluster: string, pass: Pass): string {
  const family = pass.family === 6 ? "ip6" : "ip";
  return `nft ${pass.hook} ${family} ${named(cluster, pass.hook, `${matches(pass, family)} accept`)}`;
}

/** The same words in two chains are two rules. */
function named(cluster: string, chain: string, statement: string): string {
  const hash = createHash("sha256").update(`${chain} ${statement}`).digest("hex").slice(0, 10);
  return `${statement} comment "pulumi-lvs:${cluster}:${hash}"`;
}

function matches(pass: Pass, family: Family): string {
  const { hook, dev, from, to, answers } = pass;
  return [
    ...(dev === undefined ? [] : [`${hook === "output" ? "oifname" : "iifname"} "${dev}"`]),
    ...(from === undefined ? [] : [`${family} saddr ${from}`]),
    ...(to === undefined ? [] : [`${family} daddr ${to}`]),
    ...protocolMatch(pass),
    ...(answers ? ["ct state established,related"] : []),
  ].join(" ");
}

function protocolMatch({ family, protocol, fromPorts, toPorts, message }: Pass): string[] {
  if (protocol === undefined) return [];
  if (protocol === "icmp") {
    const name = family === 6 ? "icmpv6" : "icmp";
    return [message === undefined ? `meta l4proto ${name}` : `${name} type ${types[message][family]}`];
  }
  if (typeof protocol === "number" || (fromPorts ?? toPorts) === undefined) return [`meta l4proto ${protocol}`];
  return [
    ...(fromPorts === undefined ? [] : [`${protocol} sport ${setOf(fromPorts)}`]),
    ...(toPorts === undefined ? [] : [`${protocol} dport ${setOf(toPorts)}`]),
  ];
}

/** One value, or an anonymous set. */
export function setOf(values: readonly (string | number)[]): string {
  return values.length === 1 ? String(values[0]) : `{ ${values.join(", ")} }`;
}

const types: Readonly<Record<Message, Readonly<Record<4 | 6, string>>>> = {
  unreachable: { 4: "destination-unreachable", 6: "destination-unreachable" },
  "too-big": { 4: "destination-unreachable", 6: "packet-too-big" },
  "echo-request": { 4: "echo-request", 6: "echo-request" },
  "neighbour-solicitation": { 4: "echo-reply", 6: "nd-neighbor-solicit" },
  "neighbour-advertisement": { 4: "echo-reply", 6: "nd-neighbor-advert" },
};
