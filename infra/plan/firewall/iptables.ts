import { ruleWords } from "../keys.js";
import type { Message, Pass } from "./pass.js";

/** A pass in iptables' words, as the key of a rule. The comment tells it from a rule of the host's own that says the same. */
export function iptablesRule(cluster: string, pass: Pass): string {
  const program = pass.family === 6 ? "ip6tables" : "iptables";
  const device = pass.hook === "output" ? "-o" : "-i";
  const words = [
    ...(pass.dev === undefined ? [] : [device, pass.dev]),
    ...(pass.from === undefined ? [] : ["-s", ruleWords(pass.from).host]),
    ...(pass.to === undefined ? [] : ["-d", ruleWords(pass.to).host]),
    ...protocolWords(pass),
    ...(pass.answers ? ["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"] : []),
  ];
  const note = `-m comment --comment pulumi-lvs:${cluster}`;
  return `${program} filter ${pass.hook.toUpperCase()} ${words.join(" ")} ${note} -j ACCEPT`;
}

function protocolWords({ family, protocol, fromPorts, toPorts, message }: Pass): string[] {
  if (protocol === undefined) return [];
  if (protocol === "icmp") {
    const [name, match, option] =
      family === 6 ? ["ipv6-icmp", "icmp6", "--icmpv6-type"] : ["icmp", "icmp", "--icmp-type"];
    return ["-p", name, ...(message === undefined ? [] : ["-m", match, option, String(types[message][family])])];
  }
  return ["-p", String(protocol), ...portWords(protocol, "sport", fromPorts), ...portWords(protocol, "dport", toPorts)];
}

function portWords(protocol: string | number, word: string, ports: readonly number[] | undefined): string[] {
  if (ports === undefined) return [];
  return ports.length === 1
    ? ["-m", String(protocol), `--${word}`, String(ports[0])]
    : ["-m", "multiport", `--${word}s`, ports.join(",")];
}

/** Numbers of ICMP and of ICMPv6. */
const types: Readonly<Record<Message, Readonly<Record<4 | 6, number>>>> = {
  unreachable: { 4: 3, 6: 1 },
  "too-big": { 4: 3, 6: 2 },
  "echo-request": { 4: 8, 6: 128 },
  "neighbour-solicitation": { 4: 0, 6: 135 },
  "neighbour-advertisement": { 4: 0, 6: 136 },
};
