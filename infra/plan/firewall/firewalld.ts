import type { HostPart } from "../part.js";
import { template } from "../part.js";
import { ownRule, setOf } from "./nftables.js";
import type { Message, Pass } from "./pass.js";

/** Where our policies stand: what is for the host, and what passes it. */
const policies = { input: "lvs-in", forward: "lvs-fwd" } as const;
const egress = { input: "HOST", forward: "ANY" } as const;

/**
 * Policies of our own in files of their own, so that no zone of the host is edited: rich rules for each pass. What a host sends
 * firewalld does not filter, and what answers it lets through by itself.
 */
export function firewalldPart(cluster: string, passes: readonly Pass[], suffix: "" | "-proxy"): HostPart {
  const made = (["input", "forward"] as const).flatMap((hook) => {
    const own = passes.filter((pass) => pass.hook === hook && pass.answers !== true);
    const rules = [...new Map(own.flatMap(richRules).map((rule) => [rule.words, rule])).values()];
    return rules.length === 0 ? [] : [{ name: `${policies[hook]}${suffix}`, egress: egress[hook], rules }];
  });
  return {
    packages: ["nftables"],
    files: Object.fromEntries(
      made.map(({ name, egress: to, rules }) => [
        `/etc/firewalld/policies/${name}.xml`,
        { template: "etc/firewalld/policies/lvs.xml", ...template("0644", { cluster, egress: to, rules }) },
      ]),
    ),
    rules: [
      ...made.flatMap(({ name, rules }) => rules.map(({ words }) => `firewalld ${name} ${words}`)),
      ...untracked(cluster, passes),
    ],
  };
}

interface RichRule {
  /** As `firewall-cmd --list-rich-rules` shows it. */
  words: string;
  family: "ipv4" | "ipv6";
  source: string | undefined;
  destination: string | undefined;
  /** The element, as XML. */
  element: string;
}

/** A rich rule has one port; of several ports each has one. */
function richRules(pass: Pass): RichRule[] {
  const family = pass.family === 6 ? "ipv6" : "ipv4";
  const { from: source, to: destination } = pass;
  return elements(pass).map(({ words, xml }) => ({
    words: [
      `rule family="${family}"`,
      ...(source === undefined ? [] : [`source address="${source}"`]),
      ...(destination === undefined ? [] : [`destination address="${destination}"`]),
      words,
      "accept",
    ].join(" "),
    family,
    source,
    destination,
    element: xml,
  }));
}

function elements({ family, protocol, fromPorts, toPorts, message }: Pass): { words: string; xml: string }[] {
  const both = (words: string) => ({ words, xml: `<${words}/>` });
  if (protocol === "icmp" && message !== undefined) return [both(`icmp-type name="${types[message][family]}"`)];
  if (fromPorts !== undefined)
    return fromPorts.map((port) => both(`source-port port="${port}" protocol="${protocol}"`));
  if (toPorts !== undefined) return toPorts.map((port) => both(`port port="${port}" protocol="${protocol}"`));
  const name = protocol === "icmp" ? (family === 6 ? "ipv6-icmp" : "icmp") : protocol;
  return name === undefined ? [] : [both(`protocol value="${name}"`)];
}

/**
 * firewalld drops what conntrack calls invalid before it looks at any rule. A director that sees one direction of a connection
 * only, or changes it past conntrack, has such packets: they are not tracked at all. FULLNAT needs conntrack, which knows both
 * directions there.
 */
function untracked(cluster: string, passes: readonly Pass[]): string[] {
  return passes
    .filter(({ untracked: not }) => not === true)
    .map((pass) => {
      const family = pass.family === 6 ? "ip6" : "ip";
      const ports = (word: string, list: readonly number[] | undefined) =>
        list === undefined ? [] : [`${pass.protocol} ${word} ${setOf(list)}`];
      const words = [
        ...(pass.from === undefined ? [] : [`${family} saddr ${pass.from}`, "fib daddr type != local"]),
        ...(pass.to === undefined ? [] : [`${family} daddr ${pass.to}`]),
        ...ports("sport", pass.fromPorts),
        ...ports("dport", pass.toPorts),
      ];
      if (pass.fromPorts === undefined && pass.toPorts === undefined) words.push(`meta l4proto ${pass.protocol}`);
      return ownRule(cluster, family, "raw", `${words.join(" ")} notrack`);
    });
}

const types: Readonly<Record<Message, Readonly<Record<4 | 6, string>>>> = {
  unreachable: { 4: "destination-unreachable", 6: "destination-unreachable" },
  "too-big": { 4: "destination-unreachable", 6: "packet-too-big" },
  "echo-request": { 4: "echo-request", 6: "echo-request" },
  "neighbour-solicitation": { 4: "echo-reply", 6: "neighbour-solicitation" },
  "neighbour-advertisement": { 4: "echo-reply", 6: "neighbour-advertisement" },
};
