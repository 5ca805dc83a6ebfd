import {
  connects,
  established,
  haproxyStats,
  nginxPools,
  type HaproxyServer,
  type Load,
  type PoolServer,
} from "../../linux/proxy-pools.js";
import { state } from "../../linux/proxy.js";
import type { Query } from "../../linux/noun.js";
import type { ProxiedService, ProxyPool, VerificationPlan } from "../../plan/types.js";
import { joined } from "../batch.js";

export type Proxies = NonNullable<VerificationPlan["proxy"]>;

/** What can be said of a thing's load; null for what nobody tells. */
export type KnownLoad = { [Key in keyof Load]: number | null };

/** A server of a pool as it was seen from a director. */
export interface ServerSight extends PoolServer, KnownLoad {
  /** `unchecked`: nobody asks it; `unknown`: nobody can say. */
  health: "up" | "down" | "checking" | "unchecked" | "unknown";
  /** Set aside by hand, in haproxy's words: `MAINT`, `DRAIN`. */
  aside?: string;
}

/** What was seen of a director's proxy. */
export interface ProxySight {
  /** Main process and workers run. */
  alive: boolean;
  /** Where anything on the host listens. */
  listens: string[];
  /** Pools with their servers, as the proxy has them; undefined where it cannot be asked. */
  pools?: Record<string, Record<string, ServerSight>>;
  /** What comes from clients, by service. */
  services: Record<string, KnownLoad>;
}

/** Asks a director for its proxy, changing nothing: verification and status see the same. */
export function proxySight(proxy: Proxies): Query<ProxySight> {
  return proxy.engine === "haproxy" ? haproxySight(proxy) : nginxSight(proxy);
}

/** All pools of a service, its own first. */
export function poolsOf({ pool, rules }: ProxiedService): ProxyPool[] {
  return [pool, ...Object.values(rules)];
}

const nobody: KnownLoad = { active: null, given: null, rate: null };

function haproxySight({ services }: Proxies): Query<ProxySight> {
  const query = joined([state("haproxy"), haproxyStats()]);
  return {
    steps: query.steps,
    parse: (results) => {
      const [{ alive, listens }, stats] = query.parse(results);
      return {
        alive,
        listens,
        ...(stats && { pools: mapPools(stats.pools, (server) => ({ ...server, ...judged(server) })) }),
        services: Object.fromEntries(
          Object.entries(services).map(([key, { pool }]) => [key, stats?.frontends[`${pool.name}_in`] ?? nobody]),
        ),
      };
    },
  };
}

/** haproxy asks by itself; what was set by hand over its socket goes on until it is reloaded. */
function judged({ status, check }: HaproxyServer): Pick<ServerSight, "health" | "aside"> {
  const aside = /^(MAINT|DRAIN|NOLB)/.exec(status)?.[1];
  const set = aside === undefined ? {} : { aside };
  if (status.startsWith("DOWN")) return { health: "down", ...set };
  if (status.startsWith("MAINT") || check === "") return { health: "unchecked", ...set };
  return { health: check === "INI" ? "checking" : "up", ...set };
}

/** nginx asks nobody and tells nobody: the director tries a connection in its stead, and its kernel knows those that there are. */
function nginxSight({ services }: Proxies): Query<ProxySight> {
  const all = Object.values(services);
  const pooled = all.flatMap(poolsOf).flatMap(endpointsOf);
  const checked = all.filter((service) => service.checked).flatMap(poolsOf);
  const query = joined([
    state("nginx"),
    nginxPools(),
    established(
      "nginx",
      distinct(pooled),
      all.flatMap(({ listen }) => listen),
    ),
    connects(distinct(checked.flatMap(endpointsOf))),
  ]);
  return {
    steps: query.steps,
    parse: (results) => {
      const [{ alive, listens }, pools, { to, at }, answering] = query.parse(results);
      const healthOf = (pool: string, endpoint: string): ServerSight["health"] => {
        if (checked.every(({ name }) => name !== pool)) return "unchecked";
        const answers = answering[endpoint];
        return answers === undefined ? "unknown" : answers ? "up" : "down";
      };
      // Whose connections they are cannot be told where several pools have the same endpoint.
      const activeOf = (endpoint: string) =>
        pooled.filter((each) => each === endpoint).length === 1 ? to[endpoint]! : null;
      return {
        alive,
        listens,
        ...(pools && {
          pools: mapPools(pools, (server, pool) => ({
            ...server,
            ...nobody,
            active: activeOf(server.endpoint),
            health: healthOf(pool, server.endpoint),
          })),
        }),
        services: Object.fromEntries(
          Object.entries(services).map(([key, { listen }]) => [
            key,
            { ...nobody, active: listen.reduce((sum, place) => sum + at[place]!, 0) },
          ]),
        ),
      };
    },
  };
}

function distinct(words: string[]): string[] {
  return [...new Set(words)].sort();
}

function endpointsOf({ realServers, sorryServer }: ProxyPool): string[] {
  return [...Object.values(realServers).map(({ endpoint }) => endpoint), ...(sorryServer ? [sorryServer] : [])];
}

function mapPools<From, To>(
  pools: Record<string, Record<string, From>>,
  change: (server: From, pool: string) => To,
): Record<string, Record<string, To>> {
  return Object.fromEntries(
    Object.entries(pools).map(([pool, servers]) => [
      pool,
      Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, change(server, pool)])),
    ]),
  );
}
