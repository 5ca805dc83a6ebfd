import { familyOf, addressOf } from "../spec/index.js";
import type { MethodName } from "./hosts.js";
import type { Hop, Network, NetHost } from "./network.js";

/** How packets travel under a forwarding method: what each leg carries. */
interface Method {
  title: string;
  /** Source and destination on the way to the real server, and what else is done to the packet. */
  sent: string;
  how?: string;
  /** The same on the way back, until the director has it, if it goes there. */
  answered: string;
  /** Where the real server sends its reply. */
  backTo: "client" | "lip";
}

/** Forwarding methods (ipvsadm(8), options -g, -m, -i; fullnat is -m with the source changed as well). */
export const methods: Readonly<Record<MethodName, Method>> = {
  dr: { title: "direct routing", sent: "CIP → VIP", how: "MAC of the RIP", answered: "VIP → CIP", backTo: "client" },
  nat: { title: "NAT", sent: "CIP → RIP", answered: "RIP → CIP", backTo: "client" },
  tun: {
    title: "tunnelling",
    sent: "CIP → VIP",
    how: "inside DIP → RIP",
    answered: "VIP → CIP",
    backTo: "client",
  },
  fullnat: { title: "FULLNAT", sent: "LIP → RIP", answered: "RIP → LIP", backTo: "lip" },
};

/** One hop of a way, with what it carries. */
export interface Leg extends Hop {
  kind: "request" | "reply";
  step: number;
  packet: string;
  how?: string | undefined;
}

/** A request through one VIP to one real server, and its reply. */
export interface Exchange {
  client: NetHost;
  vip: string;
  director: string;
  server: { name: string; address: string; method: MethodName };
  lip: string | undefined;
}

/** What does not arrive: `who` stands at the place of `…`. */
export interface Loss {
  who: string;
  what: string;
}

/** All legs of an exchange, and what does not arrive. */
export function legsOf(network: Network, exchange: Exchange): { legs: Leg[]; losses: Loss[] } {
  const { client, vip, director, server, lip } = exchange;
  const { sent, how, answered, backTo } = methods[server.method];
  const cip = addressOf(client.addresses.find(({ cidr }) => familyOf(cidr) === familyOf(vip))?.cidr ?? "");
  const legs: Leg[] = [];
  const losses: Loss[] = [];
  const go = (kind: Leg["kind"], from: string, to: string, packet: string, further: Partial<Leg>, until?: string) => {
    const hops = network.walk(from, to, until);
    if (hops === undefined) losses.push({ who: from, what: `No way to ${to}: a ${kind} from … does not arrive.` });
    for (const hop of hops ?? []) legs.push({ ...hop, kind, packet, ...further, step: legs.length + 1 });
    return hops?.at(-1)?.to;
  };
  go("request", client.name, vip, "CIP → VIP", {});
  go("request", director, server.address, sent, { how });
  const back = backTo === "lip" ? (lip ?? "") : cip;
  // Only what the director has changed on the way in must pass it on the way out.
  const until = answered === "VIP → CIP" ? undefined : director;
  const reached = go("reply", server.name, back, answered, {}, until);
  if (until !== undefined && reached === director) go("reply", director, cip, "VIP → CIP", {});
  else if (until !== undefined && reached !== undefined)
    losses.push({ who: server.name, what: `Replies pass ${director} by and have the wrong source: those from ….` });
  return { legs, losses };
}
