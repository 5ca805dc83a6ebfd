import { partsOf } from "./canonical.js";
import type { Query } from "./noun.js";
import { configurations, type Engine } from "./proxy.js";
import { lines, script } from "./script.js";

/** A server of a pool as a proxy has it. */
export interface PoolServer {
  /** `192.0.2.1:80`. */
  endpoint: string;
  weight: number;
  /** Answers only while no other can. */
  backup: boolean;
}

/** Pools with their servers, each by name. */
export type Pools<Server extends PoolServer = PoolServer> = Record<string, Record<string, Server>>;

/** Connections and requests of one thing. */
export interface Load {
  /** Now. */
  active: number;
  /** Since the process began; with mode http requests are counted. */
  given: number;
  /** In the last second. */
  rate: number;
}

/** A server as haproxy has it. */
export interface HaproxyServer extends PoolServer, Load {
  /** `UP`, `UP 1/3`, `DOWN`, `DRAIN`, `MAINT`, `no check` … */
  status: string;
  /** The last check's result: `L4OK`, `L7STS`, `INI` before the first; empty without checks. */
  check: string;
}

/** What haproxy counts. */
export interface HaproxyStats {
  pools: Pools<HaproxyServer>;
  /** What comes from clients, by the name of the frontend. */
  frontends: Record<string, Load>;
}

/** What the running haproxy says of its servers and clients (`show stat`); undefined where it cannot be asked. */
export function haproxyStats(): Query<HaproxyStats | undefined> {
  return {
    steps: [script("read-haproxy", [], { accept: [69] })],
    parse: ([result]) => {
      if (result!.code !== 0) return undefined;
      const [heading = "", ...rows] = lines(result!.stdout).filter((line) => line !== "");
      const columns = heading.replace(/^# /, "").split(",");
      const stats: HaproxyStats = { pools: {}, frontends: {} };
      for (const row of rows.map(cells)) {
        const at = (column: string) => row[columns.indexOf(column)] ?? "";
        const load = { active: Number(at("scur")), given: Number(at("stot")), rate: Number(at("rate")) };
        const [pool, server] = [at("pxname"), at("svname")];
        if (server === "FRONTEND") stats.frontends[pool] = load;
        else if (server !== "BACKEND")
          (stats.pools[pool] ??= {})[server] = {
            endpoint: at("addr"),
            weight: Number(at("weight")),
            backup: at("bck") === "1",
            status: at("status"),
            check: at("check_status"),
            ...load,
          };
      }
      return stats;
    },
  };
}

/** Cells of a line of CSV: what a check says may have commas, and stands in quotes then. */
function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain,
  );
}

/** The pools of nginx's configuration file: it tells nobody what it has loaded. Undefined where there is no file. */
export function nginxPools(): Query<Pools | undefined> {
  return {
    steps: [{ argv: ["cat", configurations.nginx], accept: "any" }],
    parse: ([result]) => (result!.code === 0 ? upstreams(lines(result!.stdout)) : undefined),
  };
}

function upstreams(text: string[]): Pools {
  const pools: Pools = {};
  let pool: Pools[string] | undefined;
  for (const line of text.map((each) => each.trim())) {
    const name = /^upstream (\S+) \{$/.exec(line)?.[1];
    if (name !== undefined) pool = pools[name] = {};
    else if (line === "}") pool = undefined;
    const [, endpoint, words = "", called] = /^server ([^\s;]+)([^;]*);(?: # (.*))?$/.exec(line) ?? [];
    if (pool === undefined || endpoint === undefined) continue;
    const weight = / down\b/.test(words) ? 0 : Number(/ weight=(\d+)/.exec(words)?.[1] ?? 1);
    const backup = / backup\b/.test(words);
    pool[called ?? endpoint] = { endpoint, weight, backup };
  }
  return pools;
}

/** Whether a connection to each endpoint can be made from the host, tried within 3 s. */
export function connects(endpoints: string[]): Query<Record<string, boolean>> {
  const words = endpoints.flatMap((endpoint) => {
    const { address, port } = partsOf(endpoint);
    return [address, port];
  });
  return {
    steps: endpoints.length === 0 ? [] : [script("try-connections", words)],
    parse: ([result]) => {
      const made = new Set(lines(result?.stdout ?? ""));
      return Object.fromEntries(endpoints.map((endpoint, index) => [endpoint, made.has(`yes ${index + 1}`)]));
    },
  };
}

/** Established connections that a proxy has to each endpoint, and has taken at each place where it listens, as the kernel has them. */
export function established(
  engine: Engine,
  endpoints: string[],
  places: string[],
): Query<{ to: Record<string, number>; at: Record<string, number> }> {
  const words = [...endpoints.map((endpoint) => `to ${endpoint}`), ...places.map((place) => `at ${place}`)];
  return {
    steps: words.length === 0 ? [] : [script("count-connections", [engine, ...words])],
    parse: ([result]) => {
      const counts = lines(result?.stdout ?? "").map(Number);
      const of = (keys: string[], from: number) => Object.fromEntries(keys.map((key, at) => [key, counts[from + at]!]));
      return { to: of(endpoints, 0), at: of(places, endpoints.length) };
    },
  };
}
