import { setTimeout as sleep } from "node:timers/promises";
import { openHost } from "../host/pool.js";
import type { Connection, Host } from "../host/types.js";
import { address, isUsed } from "../linux/address.js";
import * as ipvs from "../linux/ipvs.js";
import type { Evidence, Table, VerificationPlan } from "../plan/types.js";
import { batch } from "./batch.js";
import { expected, stateOf } from "./health.js";
import type { Context } from "./kind.js";
import { astray, notUsed, unusedVips, words } from "./live.js";
import { askProxies, lookAtProxy } from "./proxy/verify.js";
import { ask, askedOf, nextStep } from "./request.js";

/** A host that is looked at. */
export interface Side {
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
    Promise.all(sides.directors.map(async (side) => lookFrom(await open(side), plan))),
    Promise.all(sides.realServers.map(async (side) => lookAtRealServer(await open(side), plan))),
  ]);
  const holders = lookAtHolders(directors, plan);
  const problems = [
    ...directors.flatMap((director) => director.problems),
    ...realServers.flatMap((realServer) => realServer.problems),
    ...holders.problems,
  ];
  const evidence: Evidence = {
    at: new Date().toISOString(),
    vipHolders: holders.vipHolders,
    tables: Object.fromEntries(directors.map(({ name, table }) => [name, ipvs.rules(table)])),
    realServers: Object.fromEntries(realServers.map(({ name, seen }) => [name, seen])),
    requests: {},
  };
  // Requests through a cluster that is known to be wrong would only repeat in other words what is said above.
  if (problems.length > 0 || !sides.client) return { problems, evidence };
  const client = await open(sides.client);
  if (plan.proxy) {
    const proxies = await Promise.all(sides.directors.map(open));
    const { problems: unanswered, seen } = await askProxies(client, proxies, plan);
    return { problems: unanswered, evidence: { ...evidence, requests: seen } };
  }
  const names = Object.values(holders.vipHolders);
  const holder = sides.directors.find(({ name }) => names.includes(name))!;
  const requests = await sendRequests(client, await open(holder), plan);
  return { problems: requests.problems, evidence: { ...evidence, requests: requests.seen } };
}

/** A director that runs a proxy has no table of services in its kernel. */
async function lookFrom(host: Host, plan: VerificationPlan): Promise<DirectorSight> {
  if (!plan.proxy) return lookAtDirector(host, plan);
  return { name: host.name, table: {}, ...(await lookAtProxy(host, plan, plan.proxy)) };
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
    vips: keys.filter((vip) => isUsed(vips[vip])),
    table,
    problems: [
      ...(daemon.alive ? [] : [`${host.name}: keepalived does not run. Look at "journalctl -u keepalived" there.`]),
      ...unhealthy.map((said) => `${said}. Look whether the service answers there.`),
      // What no check has looked at yet is taken for healthy, or for what it was before a reload.
      ...daemon.undecided.map((check) => `${host.name}: the health check ${check} has not come to a result`),
      ...unusedVips(host.name, vips),
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
  const [{ addresses, routes, sysctls }] = await batch(host, [astray(wanted)]);
  const problems = [
    ...addresses.map(({ key, unused }) =>
      unused === undefined
        ? `${host.name}: the VIP must be on the real server, got no ${key}. Run refresh, then up.`
        : notUsed(host.name, key, unused),
    ),
    ...routes.map(
      ({ to, want }) => `${host.name}: the route to ${to} must be ${want}, got another. Run refresh, then up.`,
    ),
    ...sysctls.map(
      ({ key, want, got = "nothing" }) => `${host.name}: ${key} must be ${want}, got ${got}. Run refresh, then up.`,
    ),
  ];
  const seen = [
    ...wanted.addresses,
    ...Object.entries(wanted.routes ?? {}).map(([to, want]) => `${to} ${words(want)}`),
    ...Object.entries(wanted.sysctls).map(([key, value]) => `${key} = ${value}`),
  ];
  return { name: host.name, problems, seen };
}

/** Asks every service in one round trip, then looks once at what IPVS has counted. */
async function sendRequests(client: Host, holder: Host, plan: VerificationPlan) {
  const asked = askedOf(plan);
  const [before] = await batch(holder, [ipvs.connections()]);
  const answers = await ask(client, asked);
  const counts = await newConnections(holder, asked, before);
  const unanswered = answers.some(({ problem }) => problem !== undefined);
  const [stuck] = unanswered ? await batch(holder, [ipvs.halfOpen()]) : [{}];
  const problems: string[] = [];
  const seen: Evidence["requests"] = {};
  for (const { url, service, sent, answered, problem } of answers) {
    const names = Object.keys(plan.table[service]?.realServers ?? {});
    if (problem !== undefined) problems.push(`${problem} ${nextStep(names.filter((name) => name in stuck))}`);
    const taken = Object.fromEntries(names.map((name) => [name, counts(service, name)]));
    seen[url] = { sent, answered, connections: taken };
  }
  return { problems, seen };
}

/** The kernel sums its counters up every 2 s (ip_vs_est): waits for that, and no longer. Gives what a real server has taken. */
async function newConnections(
  holder: Host,
  asked: { service: string; sent: number }[],
  before: Record<string, number>,
): Promise<(service: string, realServer: string) => number> {
  for (let round = 0; ; round += 1) {
    const [after] = await batch(holder, [ipvs.connections()]);
    const count = (service: string, name: string) =>
      (after[`${service} ${name}`] ?? 0) - (before[`${service} ${name}`] ?? 0);
    const total = (service: string) =>
      Object.keys(after)
        .filter((key) => key.startsWith(`${service} `))
        .reduce((sum, key) => sum + after[key]! - (before[key] ?? 0), 0);
    if (round >= 10 || asked.every(({ service, sent }) => total(service) >= sent)) return count;
    await sleep(300);
  }
}
