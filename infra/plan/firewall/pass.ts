import { familyOf } from "../../spec/index.js";

/** What a host's own firewall is to let through: packets that fit all that is said. */
export interface Pass {
  hook: "input" | "forward" | "output";
  family: 4 | 6;
  /** `icmp` is that of the family; a number is one of /etc/protocols. */
  protocol?: "tcp" | "udp" | "sctp" | "icmp" | number;
  /** Interface by which packets come, or leave on `output`. */
  dev?: string;
  from?: string;
  to?: string;
  fromPorts?: readonly number[];
  toPorts?: readonly number[];
  /** One kind of ICMP message. */
  message?: Message;
  /** Only what belongs to a connection that this host has begun, or was let through before. */
  answers?: true;
  /** This host sees one direction of such connections only, or changes them past conntrack, which calls their packets invalid. */
  untracked?: true;
}

/** ICMP messages by which the cluster stands: what says that a packet is too large, checks, and IPv6's neighbours. */
export type Message = "unreachable" | "too-big" | "echo-request" | "neighbour-solicitation" | "neighbour-advertisement";

/** Protocol numbers of /etc/protocols. */
export const protocols = { ipip: 4, ipv6: 41, gre: 47, vrrp: 112 } as const;

/** A pass of the family of its addresses. */
export function pass(hook: Pass["hook"], address: string, rest: Omit<Pass, "hook" | "family">): Pass {
  return { hook, family: familyOf(address), ...rest };
}

/** Errors by which a sender learns that its packets do not fit: without them large answers stall. */
export function errors(hook: Pass["hook"], address: string, place: Pick<Pass, "from" | "to">): Pass[] {
  const messages: Message[] = familyOf(address) === 6 ? ["too-big", "unreachable"] : ["unreachable"];
  return messages.map((message) => pass(hook, address, { protocol: "icmp", message, ...place }));
}

/** The same packets on their way back. */
export function back({ hook, ...rest }: Pass, on: Pass["hook"] = hook): Pass {
  const { from, to, fromPorts, toPorts, ...same } = rest;
  return {
    hook: on,
    ...same,
    ...(to !== undefined && { from: to }),
    ...(from !== undefined && { to: from }),
    ...(toPorts !== undefined && { fromPorts: toPorts }),
    ...(fromPorts !== undefined && { toPorts: fromPorts }),
  };
}
