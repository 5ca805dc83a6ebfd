import assert from "node:assert/strict";
import type { ProxyServerStatus, ProxyStatus, Status } from "../../../infra/status/schema.js";
import type { Machine } from "./machine.js";
import { addressesOf, between } from "./status-values.js";

/** A server of a pool, as the proxy's own tools have it. */
interface Server {
  endpoint: string;
  weight: number;
  /** haproxy's own words, and what it counts. */
  words?: { status: string; scur: number; stot: number; rate: number };
}

/** What a proxy's own tools and the kernel say of it. */
export interface ToldOfProxy {
  /** Lines of `ss -Htnp state established`, as local address, peer, and processes. */
  connections: string[][];
  listens: string[];
  /** Pools with their servers: `show stat typed` of haproxy, `nginx -T` of nginx. */
  pools: Record<string, Record<string, Server>>;
  /** haproxy's frontends. */
  frontends: Record<string, { scur: number; stot: number; rate: number }>;
  addresses: string[];
}

const SHOW = `perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new("/run/haproxy/admin.sock") or exit; print $s "show stat typed\\n"; print while <$s>'`;
const TOLD = [
  "ip -j address show",
  "ss -Htnp state established",
  "ss -Hltn",
  SHOW,
  "if systemctl is-active -q nginx; then nginx -T 2>/dev/null; fi",
].join("; echo ==; ");

export async function toldOfProxy(machine: Machine): Promise<ToldOfProxy> {
  const [links = "", connections = "", listens = "", stats = "", text = ""] = (await machine.succeed(TOLD)).split(
    "==\n",
  );
  const rows = (said: string) => said.split("\n").filter((line) => line !== "");
  return {
    connections: rows(connections).map((line) => line.trim().split(/\s+/).slice(2)),
    listens: rows(listens).map((line) => line.trim().split(/\s+/)[3]!),
    addresses: addressesOf(links),
    ...(stats === "" ? { pools: upstreams(text), frontends: {} } : haproxy(rows(stats))),
  };
}

/** Lines like `S.5.1.17.status.1:SGP:str:UP`: kind, proxy, server, position, name, process, then tags, type and value. */
function haproxy(stats: string[]): Pick<ToldOfProxy, "pools" | "frontends"> {
  const things = new Map<string, Record<string, string>>();
  for (const line of stats) {
    const [, thing = "", field = "", value = ""] = /^([A-Z]\.\d+\.\d+)\.\d+\.(\w+)\.\d+:\w+:\w+:(.*)$/.exec(line) ?? [];
    things.set(thing, { ...things.get(thing), [field]: value });
  }
  const told: Pick<ToldOfProxy, "pools" | "frontends"> = { pools: {}, frontends: {} };
  for (const [kind, { pxname = "", svname = "", addr = "", weight, status = "", scur, stot, rate }] of things) {
    const counted = { scur: Number(scur), stot: Number(stot), rate: Number(rate) };
    if (kind.startsWith("F.")) told.frontends[pxname] = counted;
    if (kind.startsWith("S."))
      (told.pools[pxname] ??= {})[svname] = {
        endpoint: addr,
        weight: Number(weight),
        words: { status, ...counted },
      };
  }
  return told;
}

function upstreams(text: string): ToldOfProxy["pools"] {
  const blocks = [...text.matchAll(/upstream (\S+) \{([^}]*)\}/g)];
  return Object.fromEntries(
    blocks.map(([, pool = "", body = ""]) => [
      pool,
      Object.fromEntries(
        [...body.matchAll(/server (\S+)( [^;]*)?; # (.+)/g)].map(([, endpoint = "", words = "", name = ""]) => [
          name,
          { endpoint, weight: words.includes(" down") ? 0 : Number(/weight=(\d+)/.exec(words)?.[1] ?? 1) },
        ]),
      ),
    ]),
  );
}

/** Status says of a proxy what its own tools say there. */
export function compareProxy({ clusters }: Status, name: string, before: ToldOfProxy, after: ToldOfProxy): void {
  const director = clusters
    .flatMap(({ directors }) => directors)
    .find(({ host, proxy }) => host === name && proxy !== undefined);
  assert.ok(director?.proxy, `${name} is in the status, with a proxy`);
  const { engine, running, services } = director.proxy;
  assert.ok(running, `${name}: ${engine} runs`);
  const known = services.flatMap(({ service, pools }) =>
    pools.map(({ rule, realServers }) => ({ pool: poolName(service, rule), realServers })),
  );
  assert.deepEqual(known.map(({ pool }) => pool).sort(), Object.keys(after.pools).sort());
  for (const { pool, realServers } of known) {
    const told = Object.entries(after.pools[pool]!);
    assert.deepEqual(
      realServers.map((each) => `${each.name} ${each.address} ${each.weight}`).sort(),
      told.map(([called, { endpoint, weight }]) => `${called} ${endpoint} ${weight}`).sort(),
    );
    for (const server of realServers)
      if (engine === "haproxy") compareHaproxy(`${name}: ${pool} ${server.name}`, server, pool, before, after);
      else compareNginx(`${name}: ${pool} ${server.name}`, server, director.proxy, before, after);
  }
  for (const { service, listening, active, given, rate } of services) {
    const place = service.replace(/^tcp /, "").replace(/^\*:/, "0.0.0.0:");
    assert.equal(listening, after.listens.includes(place), `${name}: ${service} listens`);
    if (engine === "nginx") {
      const here = ({ connections }: ToldOfProxy) =>
        connections.filter(
          ([local = "", , who = ""]) =>
            who.includes('"nginx"') && (place.startsWith("0.0.0.0:") ? ends(local, place) : local === place),
        ).length;
      between(`${name}: ${service}, active`, active!, here(before), here(after));
      assert.deepEqual([given, rate], [null, null]);
    } else {
      const [was, is] = [before, after].map(({ frontends }) => frontends[`${poolName(service, null)}_in`]!);
      compareLoad(`${name}: ${service}`, { active, given, rate }, was!, is!);
    }
  }
}

function ends(local: string, place: string): boolean {
  return local.slice(local.lastIndexOf(":")) === place.slice(place.lastIndexOf(":"));
}

/** The name that the configuration has for a pool of a service. */
function poolName(service: string, rule: number | null): string {
  const at = service.lastIndexOf(":");
  const place = service
    .slice("tcp ".length, at)
    .replace(/^\*$/, "any")
    .replaceAll(/[^A-Za-z0-9]/g, "_");
  return `lvs_${place}_${service.slice(at + 1)}${rule === null ? "" : `_rule${rule}`}`;
}

type Counted = NonNullable<Server["words"]>;

function compareLoad(
  what: string,
  is: Pick<ProxyServerStatus, "active" | "given" | "rate">,
  before: Omit<Counted, "status">,
  after: Omit<Counted, "status">,
): void {
  between(`${what}, active`, is.active!, before.scur, after.scur);
  between(`${what}, given`, is.given!, before.stot, after.stot);
  between(`${what}, rate`, is.rate!, before.rate, after.rate);
}

function compareHaproxy(
  what: string,
  server: ProxyServerStatus,
  pool: string,
  before: ToldOfProxy,
  after: ToldOfProxy,
): void {
  const [was, is] = [before, after].map(({ pools }) => pools[pool]![server.name]!.words!);
  compareLoad(what, server, was!, is!);
  const health = is!.status === "no check" ? "unchecked" : is!.status.startsWith("DOWN") ? "down" : "up";
  assert.equal(server.health, health, `${what}: haproxy says ${is!.status}`);
}

function compareNginx(
  what: string,
  { address, active, given, rate }: ProxyServerStatus,
  { services }: ProxyStatus,
  before: ToldOfProxy,
  after: ToldOfProxy,
): void {
  assert.deepEqual([given, rate], [null, null], what);
  const pooled = services.flatMap(({ pools }) => pools.flatMap(({ realServers }) => realServers));
  if (pooled.filter((each) => each.address === address).length > 1) return assert.equal(active, null, what);
  const there = ({ connections }: ToldOfProxy) =>
    connections.filter(([, peer, who = ""]) => peer === address && who.includes('"nginx"')).length;
  between(`${what}, active`, active!, there(before), there(after));
}
