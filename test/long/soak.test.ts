import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Pair, webServer, withRs3 } from "../lab/support/pair.js";
import { seeded } from "../lab/support/random.js";
import { differences, snapshots } from "../lab/support/snapshot.js";
import { succeeded } from "../lab/support/stack.js";
import { Load } from "../lab/support/traffic.js";

/** Minutes of edits; `SOAK_MINUTES` for another length. */
const MINUTES = Number(process.env["SOAK_MINUTES"] ?? 30);
const RATE = 50;
const pair = new Pair("long-soak", withRs3);
const { stack, client } = pair;
const random = seeded("soak", process.env["SEED"]);
const hosts = [...pair.directors, ...["rs1", "rs2", "rs3"].map((name) => pair.machine(name))];

const other = <T>(now: T, all: readonly T[]): T => random.pick(all.filter((each) => each !== now));
const servers = [
  ["rs1", "192.168.184.12"],
  ["rs2", "192.168.184.13"],
  ["rs3", "192.168.184.15"],
] as const;

/** Valid edits of the stack file, each the other way round when it is met again. */
const kinds: Record<string, (cluster: any) => void> = {
  weight: ({ realServers }) => {
    const server = random.pick<any>(realServers);
    server.weight = other(server.weight, [1, 2, 3, 4]);
  },
  "pool: one more or one less": (cluster) => {
    const there = cluster.realServers.map(({ name }: any) => name);
    const missing = servers.find(([name]) => !there.includes(name));
    if (missing) cluster.realServers.push(webServer(missing[0], missing[1]));
    else cluster.realServers.splice(Math.floor(random.number() * 3), 1);
    for (const server of cluster.realServers) delete server.drain;
  },
  drain: ({ realServers }) => {
    const draining = realServers.find(({ drain }: any) => drain);
    if (draining) delete draining.drain;
    else random.pick<any>(realServers).drain = true;
  },
  scheduler: ({ services }) => (services[0].scheduler = other(services[0].scheduler, ["rr", "wrr", "lc", "wlc"])),
  persistence: ({ services }) => {
    if (services[0].persistence) delete services[0].persistence;
    else services[0].persistence = { timeout: 30 };
  },
  check: ({ services }) => {
    const type = other(services[0].check.type, ["http", "tcp", "icmp"]);
    services[0].check = { type, delayLoop: random.pick([2, 3, 4]), delayBeforeRetry: 2 };
  },
  "a second service": ({ services }) => {
    if (services.length > 1) services.pop();
    else services.push({ vip: pair.vip, port: 53, protocol: "udp", scheduler: "rr", check: { type: "icmp" } });
  },
  sysctl: ({ realServers }) => {
    const server = random.pick<any>(realServers);
    server.sysctls = {
      "net.ipv4.tcp_keepalive_time": other(server.sysctls?.["net.ipv4.tcp_keepalive_time"], [3600, 4800]),
    };
  },
  "a second VIP": ({ vips }) => {
    if (vips.length > 1) vips.pop();
    else vips.push({ address: "192.168.184.101/24", interface: "ens32" });
  },
  "VRRP password": ({ vrrp }) => (vrrp.authPass = other(vrrp.authPass, ["eins1234", "zwei1234", "drei1234"])),
  "advertisement interval": ({ vrrp }) => (vrrp.advertInterval = other(vrrp.advertInterval, [1, 2])),
  priorities: ({ directors }) => {
    const [a, b] = directors;
    [a.priority, b.priority] = [b.priority, a.priority];
    [a.state, b.state] = [b.state, a.state];
  },
  "gratuitous ARP": ({ vrrp }) => (vrrp.garp = { masterRefresh: other(vrrp.garp?.masterRefresh, [30, 60, 90]) }),
};

after(() => stack.clean());

test(`${MINUTES} minutes of random edits under load: none costs a request, and the hosts are as found at the end`, async (t) => {
  await stack.init();
  const labOnly = pair.labOnly();
  succeeded(await stack.up(labOnly));
  const before = await snapshots(hosts);
  await pair.up();
  await pair.sound();

  // New requests may wait while the VIP moves; TCP asks again after 1 s and after 3 s.
  const load = await Load.start(client, pair.vip, { rate: RATE, limit: 5 });
  const end = Date.now() + MINUTES * 60_000;
  const done: Record<string, number> = {};
  let failed = 0;
  let allowed = 0;
  for (let edit = 1; Date.now() < end; edit += 1) {
    const kind = random.pick(Object.keys(kinds));
    done[kind] = (done[kind] ?? 0) + 1;
    const run = await pair.up(kinds[kind]);
    const bad = load.requests.filter(({ ok }) => !ok).slice(failed);
    // The one documented exception: a connection that is there while the VIP moves may be cut.
    if (kind === "priorities") allowed += bad.filter(({ body }) => body.startsWith("read:")).length;
    const lost = bad.length > 0 ? `, ${bad.length} requests failed` : "";
    t.diagnostic(`edit ${edit}, ${kind}: ${run.seconds.toFixed(0)} s${lost}`);
    failed += bad.length;
  }
  const seen = await load.stop();
  t.diagnostic(
    `figure: soak, ${Object.values(done).reduce((sum, count) => sum + count, 0)} edits in ${MINUTES} minutes (${JSON.stringify(done)}): ` +
      `${seen.failed} of ${seen.requests} requests failed (${JSON.stringify(seen.reasons)}), longest gap ${seen.longestGap.toFixed(2)} s`,
  );
  assert.equal(seen.failed, allowed);
  await pair.statusIsTrue();
  succeeded(await stack.gate(pair.file()));
  succeeded(await stack.up(labOnly));
  assert.deepEqual(differences(before, await snapshots(hosts)), []);
});
