import { Pool } from "../host/ssh-pool.js";
import type { Host } from "../host/types.js";
import { held, type Held } from "../linux/held.js";
import * as ipvs from "../linux/ipvs.js";
import type { State } from "../linux/keepalived.js";
import type { Query } from "../linux/noun.js";
import { traffic, type Traffic } from "../linux/traffic.js";
import type { Table } from "../plan/types.js";
import { batch, nothing } from "../provider/batch.js";
import { stateOf } from "../provider/health.js";
import { astray, type Astray } from "../provider/live.js";
import { proxySight, type ProxySight } from "../provider/proxy/sight.js";
import type { KnownCluster, KnownDirector, KnownHost } from "./state.js";

/** Seconds within which a host must have answered: a small machine with much to do takes some. Behind a jump host DIAL_LIMIT comes on top. */
const LIMIT = 20;
/** Seconds within which it must take a connection. */
const DIAL_LIMIT = 5;

/** What was seen of a director. */
export interface DirectorSight {
  held: Held[];
  table: Table;
  traffic: Traffic;
  daemon: State;
  proxy?: ProxySight;
}

/** What was seen of a host. */
export interface Sight {
  /** Unix time in milliseconds, by this computer's clock. */
  at: number;
  /** Why it could not be read. */
  error?: string;
  director?: DirectorSight;
  /** What packets depend on and is not as it was set up, but for what is seen of a director besides. */
  drift: string[];
}

/** Everything that is asked of hosts, over connections that are soon known to be dead: who watches has no time. */
export class Eyes {
  private readonly pool = new Pool({ keepaliveMs: 2000, keepaliveMisses: 2 });

  constructor(private readonly warn: (message: string) => void) {}

  /** One round trip to one host. Never throws: what goes wrong is what was seen of that host, and the others go on. */
  async look(cluster: KnownCluster, { name, role, connection }: KnownHost): Promise<Sight> {
    const brief = { ...connection, dialErrorLimit: 1, perDialTimeout: DIAL_LIMIT };
    const host = this.pool.open(name, brief, { warn: this.warn });
    const limit = LIMIT + (connection.proxy === undefined ? 0 : DIAL_LIMIT);
    const signal = AbortSignal.timeout(limit * 1000);
    try {
      const live = astray(cluster.live[name] ?? { addresses: [], sysctls: {} });
      if (role === "director") {
        const known = cluster.directors.find((each) => each.name === name)!;
        const [director, found] = await lookAtDirector(host, known, live, signal);
        return { at: Date.now(), director, drift: inWords(found) };
      }
      const [found] = await batch(host, [live, there] as const, { signal });
      return { at: Date.now(), drift: inWords(found) };
    } catch (error) {
      const why = signal.aborted ? `no answer within ${limit} s` : (error as Error).message;
      return { at: Date.now(), error: why, drift: [] };
    }
  }

  close(): Promise<void> {
    return this.pool.closeAll();
  }
}

async function lookAtDirector(
  host: Host,
  { daemon: kind, proxy }: KnownDirector,
  live: Query<Astray>,
  signal: AbortSignal,
): Promise<[DirectorSight, Astray]> {
  const queries = [held(), ipvs.read(), traffic(), stateOf(kind), proxy ? proxySight(proxy) : nothing, live] as const;
  const [addresses, table, flows, daemon, seen, found] = await batch(host, queries, { signal });
  return [{ held: addresses, table, traffic: flows, daemon, ...(seen && { proxy: seen }) }, found];
}

/** A host of which nothing is to be read must be there, too. */
const there: Query<void> = { steps: [{ argv: ["true"] }], parse: () => undefined };

function inWords({ addresses, routes, sysctls, rules, links }: Astray): string[] {
  return [
    ...links.map((dev) => `the device ${dev} is not up`),
    ...sysctls.map(({ key, want, got = "not there" }) => `${key} is ${got}, not ${want}`),
    ...rules.map(({ key, unreadable }) =>
      unreadable === undefined
        ? `the firewall rule "${key}" is missing`
        : `the firewall rule "${key}" cannot be read: ${unreadable}`,
    ),
    ...addresses.map(({ key, unused }) =>
      unused === undefined
        ? `the address ${key} is missing`
        : `the address ${key} is not used by the kernel: ${unused}`,
    ),
    ...routes.map(({ to, want }) => `the route to ${to} is not ${want}`),
  ];
}
