import { Pool } from "../host/ssh-pool.js";
import type { Host } from "../host/types.js";
import type { AddressHave } from "../linux/address.js";
import { held, type Held } from "../linux/held.js";
import * as ipvs from "../linux/ipvs.js";
import type { State } from "../linux/keepalived.js";
import type { Query, Reading } from "../linux/noun.js";
import { traffic, type Traffic } from "../linux/traffic.js";
import type { Table } from "../plan/types.js";
import { batch } from "../provider/batch.js";
import { stateOf } from "../provider/health.js";
import { astray, type Live } from "../provider/live.js";
import { proxySight, type ProxySight } from "../provider/proxy/sight.js";
import type { KnownCluster, KnownDirector, KnownHost } from "./state.js";

/** Seconds within which a host must have answered. */
const LIMIT = 10;
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
  /** What is not as it was set up. */
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
    const signal = AbortSignal.timeout(LIMIT * 1000);
    try {
      if (role === "director") {
        const director = cluster.directors.find((each) => each.name === name)!;
        const seen = await lookAtDirector(host, director, signal);
        return { at: Date.now(), director: seen, drift: [] };
      }
      const live = cluster.realServers[name] ?? { addresses: [], sysctls: {} };
      return { at: Date.now(), drift: await lookAtRealServer(host, live, signal) };
    } catch (error) {
      const why = signal.aborted ? `no answer within ${LIMIT} s` : (error as Error).message;
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
  signal: AbortSignal,
): Promise<DirectorSight> {
  const queries = [held(), ipvs.read(), traffic(), stateOf(kind), proxy ? proxySight(proxy) : none] as const;
  const [addresses, table, flows, daemon, seen] = await batch(host, queries, { signal });
  return { held: addresses, table, traffic: flows, daemon, ...(seen && { proxy: seen }) };
}

const none: Query<undefined> = { steps: [], parse: () => undefined };

/** A host of which nothing is to be read must be there, too. */
const there: Query<void> = { steps: [{ argv: ["true"] }], parse: () => undefined };

async function lookAtRealServer(host: Host, live: Live, signal: AbortSignal): Promise<string[]> {
  const [{ addresses, routes, sysctls }] = await batch(host, [astray(live, isUsed), there] as const, { signal });
  return [
    ...addresses.map((key) => `the address ${key} is missing`),
    ...routes.map(({ to, want }) => `the route to ${to} is not ${want}`),
    ...sysctls.map(({ key, want, got = "not there" }) => `${key} is ${got}, not ${want}`),
  ];
}

function isUsed(reading: Reading<AddressHave> | undefined): boolean {
  return reading?.state === "present" && reading.value.dadfailed !== true;
}
