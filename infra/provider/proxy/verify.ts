import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "../../host/types.js";
import { address, isUsed } from "../../linux/address.js";
import { partsOf } from "../../linux/canonical.js";
import { loggedSince, logEnd } from "../../linux/proxy.js";
import { haproxyStats } from "../../linux/proxy-pools.js";
import type { Evidence, VerificationPlan } from "../../plan/types.js";
import { batch } from "../batch.js";
import { stateOf } from "../health.js";
import { unusedVips } from "../live.js";
import { ask, askedOf } from "../request.js";
import { poolsOf, proxySight, type Proxies, type ProxySight } from "./sight.js";

/** Looks at one director: its VIPs, keepalived, its proxy, and whether its real servers answer. */
export async function lookAtProxy(host: Host, plan: VerificationPlan, proxy: Proxies) {
  const keys = Object.keys(plan.holders);
  const [vips, daemon, now] = await batch(host, [address.read(keys), stateOf(plan.daemon), proxySight(proxy)] as const);
  return {
    vips: keys.filter((vip) => isUsed(vips[vip])),
    problems: [
      ...unusedVips(host.name, vips),
      ...(daemon.alive ? [] : [`${host.name}: keepalived does not run. Look at "journalctl -u keepalived" there.`]),
      ...(now.alive
        ? unanswered(host.name, proxy, now).map((said) => `${said}. Look whether the service answers there.`)
        : [`${host.name}: ${proxy.engine} does not run. Look at "journalctl -u ${proxy.engine}" there.`]),
    ],
  };
}

/** Real servers that haproxy's own checks find failing, or to which the director of an nginx cannot connect. */
function unanswered(host: string, { engine, services }: Proxies, { pools }: ProxySight): string[] {
  if (pools === undefined) return [`${host}: ${engine} cannot be asked for its real servers`];
  const found = Object.entries(services).flatMap(([service, proxied]) =>
    poolsOf(proxied).flatMap((pool) =>
      Object.entries(pool.realServers)
        .filter(([name]) => pools[pool.name]?.[name]?.health === "down")
        .map(([name, { endpoint }]) =>
          engine === "haproxy"
            ? `${service} -> ${name}: the health check of ${host} fails`
            : `${service} -> ${name}: ${host} cannot connect to ${endpoint}`,
        ),
    ),
  );
  // A rule may have a real server that the service has, too.
  return [...new Set(found)];
}

/** Asks every service, then looks at what the proxies themselves have given to which real server. */
export async function askProxies(client: Host, proxies: Host[], plan: VerificationPlan) {
  const proxy = plan.proxy!;
  const asked = askedOf(plan);
  const given = await Promise.all(proxies.map((host) => counter(host, proxy)));
  const answers = await ask(client, asked);
  const count = async () => {
    const counts = await Promise.all(given.map((since) => since()));
    return (service: string, name: string) => counts.reduce((sum, each) => sum + (each[service]?.[name] ?? 0), 0);
  };
  const wanted: Record<string, number> = {};
  for (const { service, sent, realServers } of asked)
    if (realServers.length > 0) wanted[service] = (wanted[service] ?? 0) + sent;
  const total = (of: Awaited<ReturnType<typeof count>>, service: string) =>
    Object.keys(proxy.services[service]?.pool.realServers ?? {}).reduce((sum, name) => sum + of(service, name), 0);
  let counted = await count();
  // A connection is counted, or written into the log, when it has ended.
  for (let round = 0; round < 10 && Object.keys(wanted).some((key) => total(counted, key) < wanted[key]!); round += 1) {
    await sleep(300);
    counted = await count();
  }
  const problems: string[] = [];
  const seen: Evidence["requests"] = {};
  for (const { url, service, sent, answered, problem } of answers) {
    if (problem !== undefined) problems.push(`${problem} Look at what the proxies say.`);
    const taken = Object.entries(proxy.services[service]?.pool.realServers ?? {}).map(([name, { endpoint }]) => [
      endpoint,
      counted(service, name),
    ]);
    seen[url] = { sent, answered, connections: Object.fromEntries(taken) as Record<string, number> };
  }
  for (const [service, sent] of Object.entries(wanted))
    if (problems.length === 0 && total(counted, service) < sent)
      problems.push(
        `${service}: the directors' ${proxy.engine} must have answered ${sent} requests of ${client.name}, got ${total(counted, service)}. ` +
          `Look who else answers there.`,
      );
  return { problems, seen };
}

/** What one proxy gives to its real servers from now on, by service and name. */
async function counter(host: Host, proxy: Proxies): Promise<() => Promise<Record<string, Record<string, number>>>> {
  const each = (count: (service: string, name: string, endpoint: string) => number) =>
    Object.fromEntries(
      Object.entries(proxy.services).map(([service, { pool }]) => [
        service,
        Object.fromEntries(
          Object.entries(pool.realServers).map(([name, { endpoint }]) => [name, count(service, name, endpoint)]),
        ),
      ]),
    );
  if (proxy.engine === "haproxy") {
    const [before] = await batch(host, [haproxyStats()]);
    return async () => {
      const [after] = await batch(host, [haproxyStats()]);
      const given = (of: typeof after, service: string, name: string) =>
        of?.pools[proxy.services[service]!.pool.name]?.[name]?.given ?? 0;
      return each((service, name) => given(after, service, name) - given(before, service, name));
    };
  }
  const [end] = await batch(host, [logEnd()]);
  return async () => {
    const [logged] = await batch(host, [loggedSince(end)]);
    return each((service, _name, endpoint) => {
      const place = service.replace(/^tcp /, "");
      return Object.entries(logged)
        .filter(([key]) => {
          const [asked = "", upstream] = key.split(" ");
          const here = place.startsWith("*:") ? partsOf(asked).port === place.slice(2) : asked === place;
          return here && upstream === endpoint;
        })
        .reduce((sum, [, count]) => sum + count, 0);
    });
  };
}
