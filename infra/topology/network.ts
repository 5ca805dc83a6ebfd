import { addressOf, familyOf, inNetwork, parseCidr, widthOf, type Lab } from "../spec/index.js";

/** A route as the stack file or the plan has it. */
export interface NetRoute {
  /** A network, or `default`. */
  to: string;
  via?: string | undefined;
  dev?: string | undefined;
}

/** A host as packets see it. */
export interface NetHost {
  name: string;
  /** On the wire: with prefix length where it is known. */
  addresses: { dev: string; cidr: string }[];
  /** The first of two routes to the same network counts. */
  routes: NetRoute[];
}

/** One hop of a packet; the segment is left out where nothing tells it. */
export interface Hop {
  from: string;
  to: string;
  segment?: string;
}

/** More hops than a cluster has routers: the packet goes round in a circle. */
const LIMIT = 16;

/** Which way packets go, by the routing tables of the stack file and the plan. */
export class Network {
  private readonly hosts: Map<string, NetHost>;

  /** Without a lab the wires are not known: what no route sends to a gateway goes straight to its destination. */
  constructor(
    hosts: readonly NetHost[],
    private readonly lab: Lab | undefined,
  ) {
    this.hosts = new Map(hosts.map((host) => [host.name, host]));
  }

  /** The segment of an interface of a lab machine. */
  segmentOf(host: string, dev: string): string | undefined {
    return this.lab?.machines[host]?.interfaces[dev]?.segment;
  }

  /** The hops of a packet to an address; undefined when it does not come there. `until` ends the walk at that host. */
  walk(from: string, address: string, until?: string): Hop[] | undefined {
    const hops: Hop[] = [];
    for (let at = from; hops.length < LIMIT;) {
      if (at === until || this.has(at, address)) return hops;
      const hop = this.next(at, address);
      if (hop === undefined) return undefined;
      hops.push(hop);
      at = hop.to;
    }
    return undefined;
  }

  private has(host: string, address: string): boolean {
    return this.hosts.get(host)?.addresses.some(({ cidr }) => addressOf(cidr) === address) ?? false;
  }

  private next(from: string, address: string): Hop | undefined {
    const host = this.hosts.get(from);
    const route = host && bestRoute(host, address);
    if (this.lab === undefined) {
      const to = this.owner(route?.via ?? address);
      return to === undefined ? undefined : { from, to };
    }
    if (route?.dev === undefined) return undefined;
    const segment = this.segmentOf(from, route.dev);
    const to = this.owner(route.via ?? address, segment);
    return segment === undefined || to === undefined ? undefined : { from, to, segment };
  }

  /** Who answers for an address on a segment. */
  private owner(address: string, segment?: string): string | undefined {
    for (const { name, addresses } of this.hosts.values())
      for (const { dev, cidr } of addresses)
        if (addressOf(cidr) === address && (segment === undefined || this.segmentOf(name, dev) === segment))
          return name;
    return undefined;
  }
}

/** The route with the longest prefix: of the host's own networks, then of its table; a next hop tells the interface. */
function bestRoute(host: NetHost, address: string): NetRoute | undefined {
  const connected = host.addresses.map(({ dev, cidr }): NetRoute => ({ to: cidr, dev }));
  let best: NetRoute | undefined;
  for (const route of [...connected, ...host.routes]) {
    if (!covers(route, address)) continue;
    if (best === undefined || lengthOf(route) > lengthOf(best)) best = route;
  }
  if (best?.via === undefined || best.dev !== undefined) return best;
  const { via } = best;
  return { ...best, dev: connected.find((each) => covers(each, via))?.dev };
}

function covers({ to, via }: NetRoute, address: string): boolean {
  if (to === "default") return via === undefined || familyOf(via) === familyOf(address);
  const cidr = parseCidr(to);
  return cidr !== undefined && inNetwork(address, cidr);
}

function lengthOf({ to }: NetRoute): number {
  return to === "default" ? 0 : (parseCidr(to)?.prefix ?? widthOf(to));
}
