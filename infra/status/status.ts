import { addressOf } from "../host/connection.js";
import * as ipvs from "../linux/ipvs.js";
import { expected } from "../provider/health.js";
import { directorProblems, directorStatus } from "./director.js";
import type { Sight } from "./look.js";
import { proxyDrift } from "./proxy.js";
import type { ClusterStatus, HostStatus, Status } from "./schema.js";
import type { KnownCluster, KnownHost } from "./state.js";
import { holderProblems, vipsOf, type Seen } from "./vips.js";

/** What was seen of each host of each cluster; none for a host that has not answered yet. */
export type Sights = (cluster: KnownCluster, host: KnownHost) => Sight | undefined;

/** A stack's status at a moment (Unix time in milliseconds), from what was seen of its hosts. */
export function statusOf(stack: string, clusters: KnownCluster[], sights: Sights, now: number): Status {
  const hosts = clusters.flatMap((cluster) =>
    cluster.hosts.map((host) => hostStatus(host, sights(cluster, host), now)),
  );
  const parts = clusters.map((cluster) => clusterStatus(cluster, (host) => sights(cluster, host), now));
  const problems = parts.flatMap((part) => part.problems);
  const unread = hosts.some(({ error }) => error !== null);
  return {
    stack,
    at: new Date(now).toISOString(),
    verdict: unread ? "unread" : problems.length > 0 ? "unhealthy" : "healthy",
    problems,
    hosts,
    clusters: parts.map(({ cluster }) => cluster),
  };
}

function hostStatus({ name, role, connection }: KnownHost, sight: Sight | undefined, now: number): HostStatus {
  return {
    host: name,
    role,
    address: addressOf(connection),
    error: sight === undefined ? "no answer yet" : (sight.error ?? null),
    age: sight === undefined ? 0 : Math.max(0, Math.round((now - sight.at) / 100) / 10),
  };
}

function clusterStatus(known: KnownCluster, sightOf: (host: KnownHost) => Sight | undefined, now: number) {
  const sights = known.hosts.map((host) => ({ host, sight: sightOf(host) }));
  const seen = known.directors.flatMap((director): Seen[] => {
    const sight = sights.find(({ host }) => host.name === director.name)?.sight;
    return sight?.director ? [{ known: director, sight: sight.director, at: sight.at }] : [];
  });
  const vips = vipsOf(known, seen, now);
  const drift = [
    ...seen.flatMap(({ known: { name, table, proxy }, sight: { table: kernel, daemon, proxy: served } }) =>
      [
        // A keepalived that is gone has taken its table along: that is said once.
        ...(daemon.alive ? ipvs.difference(kernel, expected(table, daemon)).changes : []),
        ...(proxy && served ? proxyDrift(proxy, served) : []),
      ].map((what) => ({ host: name, what })),
    ),
    ...sights.flatMap(({ host, sight }) => (sight?.drift ?? []).map((what) => ({ host: host.name, what }))),
  ];
  const directors = seen.map((each) => directorStatus(known, each));
  const { evidence, current = true } = known.verification ?? {};
  const asked = Object.values(evidence?.requests ?? {});
  const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
  const cluster: ClusterStatus = {
    name: known.name,
    vips,
    directors,
    drift,
    verification: evidence
      ? {
          at: evidence.at ?? null,
          current,
          sent: sum(asked.map(({ sent }) => sent)),
          answered: sum(asked.map(({ answered }) => answered)),
        }
      : null,
  };
  const problems = [
    ...holderProblems(known, seen, vips),
    ...directors.flatMap(directorProblems),
    ...drift.map(({ host, what }) => `${host}: ${what}. Run refresh, then up.`),
    ...(known.verification === undefined ? [`${known.name}: the cluster was never verified. Run up.`] : []),
    ...(current ? [] : [`${known.name}: hosts have been changed since the last verification. Run up.`]),
  ];
  return { cluster, problems };
}
