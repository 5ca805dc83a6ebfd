import { setTimeout as sleep } from "node:timers/promises";
import { openHost } from "../host/pool.js";
import type { Connection, Host } from "../host/types.js";
import { address } from "../linux/address.js";
import * as ipvs from "../linux/ipvs.js";
import { route } from "../linux/route.js";
import { sysctl } from "../linux/sysctl.js";
import type { Evidence, RouteWant, Table, VerificationPlan } from "../plan/types.js";
import { batch } from "./batch.js";
import { expected, stateOf } from "./health.js";
import type { Context } from "./kind.js";

interface Side {
  name: string;
  connection: Connection;
}

/** From where a cluster is looked at, and what must be seen. */
export interface Sides {
  directors: Side[];
  realServers: Side[];
  client?: Side;
  plan: VerificationPlan;
}

/** What one look gave: every problem at once, and the evidence. */
export interface Look {
  problems: string[];
  evidence: Evidence;
}

/** Looks at the whole cluster once. Throws only when a host cannot be reached or read. */
export async function look(context: Context, sides: Sides): Promise<Look> {
  const { plan } = sides;
  const open = ({ name, connection }: Side) => openHost(name, connection, { warn: context.warn });
  const [directors, realServers] = await Promise.all([
    Promise.all(sides.directors.map(async (side) => lookAtDirector(await open(side), plan))),
    Promise.all(sides.realServers.map(async (side) => lookAtRealServer(await open(side), plan))),
  ]);
  const holders = lookAtHolders(directors, plan);
  const problems = [
    ...directors.flatMap((director) => director.problems),
    ...realServers.flatMap((realServer) => realServer.problems),
    ...holders.problems,
  ];
  const evidence: Evidence = {
    vipHolders: holders.vipHolders,
    tables: Object.fromEntries(directors.map(({ name, table }) => [name, ipvs.rules(table)])),
    realServers: Object.fromEntries(realServers.map(({ name, seen }) => [name, seen])),
    requests: {},
  };
  // Requests through a cluster that is known to be wrong would only repeat in other words what is said above.
  if (problems.length > 0 || !sides.client) return { problems, evidence };
  const client = await open(sides.client);
  const names = Object.values(holders.vipHolders);
  const holder = sides.directors.find(({ name }) => names.includes(name))!;
  const requests = await sendRequests(client, await open(holder), plan);
  return { problems: requests.problems, evidence: { ...evidence, requests: requests.seen } };
}

interface DirectorSight {
  name: string;
  vips: string[];
  table: Table;
  problems: string[];
}

async function lookAtDirector(host: Host, plan: VerificationPlan): Promise<DirectorSight> {
  const keys = Object.keys(plan.holders);
  const [vips, table, daemon] = await batch(host, [address.read(keys), ipvs.read(), stateOf(plan.daemon)]);
  const unhealthy = Object.entries(plan.table).flatMap(([service, { realServers }]) =>
    Object.keys(realServers)
      .filter((realServer) => daemon.isDown(service, realServer) || daemon.fails(service, realServer))
      .map((realServer) => `${service} -> ${realServer}: the health check of ${host.name} fails`),
  );
  // What a failing check explains is not said twice.
  const { changes } = ipvs.difference(table, expected(plan.table, daemon));
  return {
    name: host.name,
    vips: keys.filter((vip) => vips[vip]?.state === "present"),
    table,
    problems: [
      ...(daemon.alive ? [] : [`${host.name}: keepalived does not run. Look at "journalctl -u keepalived" there.`]),
      ...unhealthy.map((said) => `${said}. Look whether the service answers there.`),
      ...changes.map((change) => `${host.name}: ${change} in the kernel's table. Run refresh, then up.`),
    ],
  };
}

function lookAtHolders(directors: DirectorSight[], plan: VerificationPlan) {
  const problems: string[] = [];
  const vipHolders: Record<string, string> = {};
  for (const [vip, { director }] of Object.entries(plan.holders)) {
    const holders = directors.filter(({ vips }) => vips.includes(vip)).map(({ name }) => name);
    const [holder] = holders;
    if (holders.length === 1 && (director ?? holder) === holder) vipHolders[vip] = holder!;
    else if (holders.length === 1)
      problems.push(
        `${vip}: ${director} must hold it, having the highest priority, got ${holder}. ` +
          `Look at "journalctl -u keepalived" on ${director}.`,
      );
    else
      problems.push(
        `${vip}: exactly one director must hold it, got ${holders.join(" and ") || "none"}. ` +
          `Look whether the directors hear each other's VRRP advertisements (protocol 112).`,
      );
  }
  return { problems, vipHolders };
}

async function lookAtRealServer(host: Host, plan: VerificationPlan) {
  const wanted = plan.realServers[host.name]!;
  const { routes: wantedRoutes = {} } = wanted;
  const [addresses, routes, sysctls] = await batch(host, [
    address.read(wanted.addresses),
    route.read(Object.keys(wantedRoutes)),
    sysctl.read(Object.keys(wanted.sysctls)),
  ]);
  const problems = [
    ...wanted.addresses
      .filter((key) => addresses[key]?.state !== "present")
      .map((key) => `${host.name}: the VIP must be on the real server, got no ${key}. Run refresh, then up.`),
    ...Object.entries(wantedRoutes)
      .filter(([to, want]) => !route.equal(routes[to] ?? { state: "absent" }, want))
      .map(
        ([to, want]) => `${host.name}: the route to ${to} must be ${words(want)}, got another. Run refresh, then up.`,
      ),
    ...Object.entries(wanted.sysctls).flatMap(([key, value]) => {
      const reading = sysctls[key];
      if (reading && sysctl.equal(reading, value)) return [];
      const got = reading?.state === "present" ? reading.value : "nothing";
      return [`${host.name}: ${key} must be ${value}, got ${got}. Run refresh, then up.`];
    }),
  ];
  const seen = [
    ...wanted.addresses,
    ...Object.entries(wantedRoutes).map(([to, want]) => `${to} ${words(want)}`),
    ...Object.entries(wanted.sysctls).map(([key, value]) => `${key} = ${value}`),
  ];
  return { name: host.name, problems, seen };
}

function words(want: RouteWant): string {
  return Object.entries(want)
    .map(([word, value]) => `${word} ${value}`)
    .join(" ");
}

/** Requests that are enough for every real server to be chosen by any scheduler that spreads. */
const REQUESTS_PER_REAL_SERVER = 2;

async function sendRequests(client: Host, holder: Host, plan: VerificationPlan) {
  const problems: string[] = [];
  const seen: Evidence["requests"] = {};
  for (const { url, service, realServers } of plan.requests) {
    const sent = REQUESTS_PER_REAL_SERVER * Math.max(1, realServers.length);
    const argv = url.startsWith("http")
      ? ["curl", "-sSk", "-o", "/dev/null", "--connect-timeout", "3", "--max-time", "10", url]
      : [
          "curl",
          "-sS",
          "-o",
          "/dev/null",
          "--connect-timeout",
          "3",
          "--max-time",
          "3",
          url.replace(/^tcp:/, "telnet:"),
        ];
    // A connection that is open until the limit (28) is an answer for a service that is not HTTP.
    const accept = "any" as const;
    const before = await connections(holder);
    const results = await client.run(Array.from({ length: sent }, () => ({ argv, accept, stdin: "" })));
    const ok = results.filter(({ code }) => code === 0 || (!url.startsWith("http") && code === 28));
    const failed = results.find((result) => !ok.includes(result));
    if (failed)
      problems.push(
        `${client.name}: every request to ${url} must be answered, got ${ok.length} of ${sent} ` +
          `(${failed.stderr.trim() || `curl exited ${failed.code}`}). Look at the real servers' return path.`,
      );
    const taken = await newConnections(
      holder,
      service,
      Object.keys(plan.table[service]?.realServers ?? {}),
      before,
      sent,
    );
    seen[url] = { sent, answered: ok.length, connections: taken };
  }
  return { problems, seen };
}

/** The kernel sums its counters up every 2 s (ip_vs_est): waits for that, and no longer. */
async function newConnections(
  holder: Host,
  service: string,
  realServers: string[],
  before: Record<string, number>,
  sent: number,
): Promise<Record<string, number>> {
  for (let round = 0; ; round += 1) {
    const after = await connections(holder);
    const count = (name: string) => (after[`${service} ${name}`] ?? 0) - (before[`${service} ${name}`] ?? 0);
    const taken = Object.fromEntries(realServers.map((name) => [name, count(name)]));
    if (round >= 10 || Object.values(taken).reduce((a, b) => a + b, 0) >= sent) return taken;
    await sleep(300);
  }
}

/** Connections since the entry was made, for each real server of each service (`ipvsadm --stats`). */
async function connections(host: Host): Promise<Record<string, number>> {
  const [result] = await host.run([{ argv: ["ipvsadm", "-Ln", "--stats", "--exact"] }]);
  const counts: Record<string, number> = {};
  let service = "";
  for (const line of result!.stdout.split("\n")) {
    const words = line.trim().split(/\s+/);
    if (["TCP", "UDP", "SCTP"].includes(words[0] ?? "")) service = `${words[0]!.toLowerCase()} ${words[1]}`;
    else if (words[0] === "FWM") service = `fwmark ${words[1]}${words[2] === "IPv6" ? " inet6" : ""}`;
    else if (words[0] === "->" && service !== "") counts[`${service} ${words[1]}`] = Number(words[2]);
  }
  return counts;
}
