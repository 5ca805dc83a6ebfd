import { addressOf, familyOf, type Cluster } from "../spec/index.js";
import type { Hop, Network, NetHost } from "./network.js";

/** A forwarding method, or a proxy, which asks the real server itself. */
export type MethodName = Cluster["forwarding"] | "proxy";

/** How packets travel under a forwarding method: what each leg carries. */
interface Method {
  title: string;
  /** Source and destination on the way to the real server, and what else is done to the packet. */
  sent: string;
  how?: string;
  /** The same on the way back, until the director has it, if it goes there. */
  answered: string;
  /** Where the real server sends its reply. */
  backTo: "client" | "lip" | "director";
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
  proxy: { title: "proxy", sent: "PIP → RIP", answered: "RIP → PIP", backTo: "director" },
};

/** One hop of a way, with what it carries. */
export interface Leg extends Hop {
  kind: "request" | "reply";
  step: number;
  packet: string;
  how?: string | undefined;
}

/** One step of an exchange: a director, and the real server to which it gives the request. */
export interface Handover {
  director: { name: string; address: string };
  server: { name: string; address: string; method: MethodName };
  lip: string | undefined;
}

/** A request through one VIP, from layer to layer, and its reply. */
export interface Exchange {
  client: NetHost;
  vip: string;
  /** The layer that the client comes to first. */
  handovers: Handover[];
}

/** What does not arrive: `who` stands at the place of `…`. */
export interface Loss {
  who: string;
  what: string;
}

/** All legs of an exchange, and what does not arrive. */
export function legsOf(network: Network, { client, vip, handovers }: Exchange): { legs: Leg[]; losses: Loss[] } {
  const cip = addressOf(client.addresses.find(({ cidr }) => familyOf(cidr) === familyOf(vip))?.cidr ?? "");
  const legs: Leg[] = [];
  const losses: Loss[] = [];
  const go = (kind: Leg["kind"], from: string, to: string, packet: string, how?: string, until?: string) => {
    const hops = network.walk(from, to, until);
    if (hops === undefined) losses.push({ who: from, what: `No way to ${to}: a ${kind} from … does not arrive.` });
    for (const hop of hops ?? []) legs.push({ ...hop, kind, packet, how, step: legs.length + 1 });
    return hops?.at(-1)?.to;
  };
  go("request", client.name, vip, "CIP → VIP");
  for (const { director, server } of handovers) {
    const { sent, how } = methods[server.method];
    go("request", director.name, server.address, sent, how);
  }
  for (const { director, server, lip } of [...handovers].reverse()) {
    const { answered, backTo } = methods[server.method];
    const back = { client: cip, lip: lip ?? "", director: director.address }[backTo];
    // Only what the director has changed on the way in must pass it on the way out.
    if (answered === DONE) {
      go("reply", server.name, back, answered);
      continue;
    }
    const reached = go("reply", server.name, back, answered, undefined, director.name);
    // The director of a further layer is the real server of the one before it, which answers as its method says.
    if (reached === director.name && director === handovers[0]?.director) go("reply", director.name, cip, DONE);
  }
  return { legs, losses };
}

/** What the client takes for an answer. */
const DONE = "VIP → CIP";
