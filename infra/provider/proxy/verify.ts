import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "../../host/types.js";
import { address } from "../../linux/address.js";
import { partsOf } from "../../linux/canonical.js";
import { haproxyServers, loggedSince, logLength, state } from "../../linux/proxy.js";
import type { Evidence, VerificationPlan } from "../../plan/types.js";
import { batch } from "../batch.js";
import { stateOf } from "../health.js";
import { REQUESTS_PER_REAL_SERVER, requestOf } from "../request.js";

type Proxies = NonNullable<VerificationPlan["proxy"]>;

/** Looks at one director: its VIPs, keepalived, its proxy, and whether its real servers answer. */
export async function lookAtProxy(host: Host, plan: VerificationPlan, proxy: Proxies) {
  const keys = Object.keys(plan.holders);
  const queries = [address.read(keys), stateOf(plan.daemon), state(proxy.engine)] as const;
  const [vips, daemon, now] = await batch(host, queries);
  const unhealthy = now.alive ? await (proxy.engine === "haproxy" ? failing : refusing)(host, proxy) : [];
  return {
    vips: keys.filter((vip) => vips[vip]?.state === "present"),
    problems: [
      ...(daemon.alive ? [] : [`${host.name}: keepalived does not run. Look at "journalctl -u keepalived" there.`]),
      ...(now.alive
        ? []
        : [`${host.name}: ${proxy.engine} does not run. Look at "journalctl -u ${proxy.engine}" there.`]),
      ...unhealthy.map((said) => `${said}. Look whether the service answers there.`),
    ],
  };
}

/** Real servers that haproxy's own checks find failing. */
async function failing(host: Host, { services }: Proxies): Promise<string[]> {
  const [pools] = await batch(host, [haproxyServers()]);
  if (pools === undefined) return [`${host.name}: haproxy does not answer on its socket`];
  return Object.entries(services).flatMap(([service, { pool, realServers }]) =>
    Object.keys(realServers)
      .filter((name) => pools[pool]?.[name]?.status.startsWith("DOWN") === true)
      .map((name) => `${service} -> ${name}: the health check of ${host.name} fails`),
  );
}

/** nginx asks nobody by itself: here the director asks in its stead whether a connection can be made. */
async function refusing(host: Host, { services }: Proxies): Promise<string[]> {
  const asked = Object.entries(services).flatMap(([service, { realServers }]) =>
    Object.entries(realServers).map(([name, endpoint]) => ({ service, name, endpoint })),
  );
  const results = await host.run(
    asked.map(({ endpoint }) => ({ argv: requestOf(`tcp://${endpoint}`), accept: "any" as const })),
  );
  return asked
    .filter((_, index) => results[index]!.code !== 0)
    .map(({ service, name, endpoint }) => `${service} -> ${name}: ${host.name} cannot connect to ${endpoint}`);
}

/** Asks every service, then looks at what the proxies themselves have given to which real server. */
export async function askProxies(client: Host, proxies: Host[], plan: VerificationPlan) {
  const proxy = plan.proxy!;
  const asked = plan.requests.map((request) => ({
    ...request,
    argv: requestOf(request.url),
    sent: REQUESTS_PER_REAL_SERVER * Math.max(1, request.realServers.length),
  }));
  const given = await Promise.all(proxies.map((host) => counter(host, proxy)));
  const answers = await client.run(
    asked.flatMap(({ argv, sent }) => Array.from({ length: sent }, () => ({ argv, accept: "any" as const }))),
  );
  const count = async () => {
    const counts = await Promise.all(given.map((since) => since()));
    return (service: string, name: string) => counts.reduce((sum, each) => sum + (each[service]?.[name] ?? 0), 0);
  };
  const wanted: Record<string, number> = {};
  for (const { service, sent, realServers } of asked)
    if (realServers.length > 0) wanted[service] = (wanted[service] ?? 0) + sent;
  const total = (of: Awaited<ReturnType<typeof count>>, service: string) =>
    Object.keys(proxy.services[service]?.realServers ?? {}).reduce((sum, name) => sum + of(service, name), 0);
  let counted = await count();
  // A connection is counted, or written into the log, when it has ended.
  for (let round = 0; round < 10 && Object.keys(wanted).some((key) => total(counted, key) < wanted[key]!); round += 1) {
    await sleep(300);
    counted = await count();
  }
  const problems: string[] = [];
  const seen: Evidence["requests"] = {};
  let at = 0;
  for (const { url, service, argv, sent } of asked) {
    const failed = answers.slice(at, (at += sent)).filter(({ code }) => code !== 0);
    const [first] = failed;
    if (first)
      problems.push(
        `${client.name}: every request to ${url} must be answered, got ${sent - failed.length} of ${sent} ` +
          `(${first.stderr.trim() || `${argv[0]} exited ${first.code}`}). Look at what the proxies say.`,
      );
    const taken = Object.entries(proxy.services[service]?.realServers ?? {}).map(([name, endpoint]) => [
      endpoint,
      counted(service, name),
    ]);
    seen[url] = {
      sent,
      answered: sent - failed.length,
      connections: Object.fromEntries(taken) as Record<string, number>,
    };
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
      Object.entries(proxy.services).map(([service, { realServers }]) => [
        service,
        Object.fromEntries(
          Object.entries(realServers).map(([name, endpoint]) => [name, count(service, name, endpoint)]),
        ),
      ]),
    );
  if (proxy.engine === "haproxy") {
    const [before] = await batch(host, [haproxyServers()]);
    return async () => {
      const [after] = await batch(host, [haproxyServers()]);
      const given = (of: typeof after, service: string, name: string) =>
        of?.[proxy.services[service]!.pool]?.[name]?.given ?? 0;
      return each((service, name) => given(after, service, name) - given(before, service, name));
    };
  }
  const [length] = await batch(host, [logLength()]);
  return async () => {
    const [logged] = await batch(host, [loggedSince(length)]);
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
