import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compile } from "../../infra/host/batch.js";
import * as ipvs from "../../infra/linux/ipvs.js";
import * as keepalived from "../../infra/linux/keepalived.js";
import { listed, waiting } from "../../infra/linux/keepalived-text.js";
import type { ClusterPlan } from "../../infra/plan/types.js";
import { differences } from "../../infra/provider/diff.js";
import { arriving } from "../../infra/provider/director/arrive.js";
import { expected, withUnhealthy } from "../../infra/provider/health.js";
import { unwrap, wrap, type Properties } from "../../infra/provider/values.js";
import { planCluster } from "../../infra/render/index.js";
import { parseCluster } from "../../infra/spec/index.js";

const REAL_SERVERS = 1000;
const SERVICES = 10;
/** Seconds of computing for what looks at each entry once; a loop within the loop took longer. */
const LIMIT = 0.5;
/** The same for what makes a text or a message of them all. */
const LONG = 3;

/** A pair of directors with every service on every real server; the first real server has the given weight. */
function plan(weight: number, realServers = REAL_SERVERS): ClusterPlan {
  const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
  const parsed = parseCluster({
    name: "large",
    forwarding: "dr",
    vips: numbers(SERVICES).map((n) => ({ address: `192.0.2.${n + 1}/24`, interface: "eth0" })),
    vrrp: { virtualRouterId: 51 },
    directors: [
      { name: "director-a", address: "192.0.2.201", interface: "eth0", priority: 100 },
      { name: "director-b", address: "192.0.2.202", interface: "eth0", priority: 50 },
    ],
    realServers: numbers(realServers).map((n) => ({
      name: `rs${n}`,
      address: `10.0.${n >> 8}.${n & 255}`,
      interface: "eth0",
      weight: n === 0 ? weight : 1,
    })),
    services: numbers(SERVICES).map((n) => ({ vip: `192.0.2.${n + 1}`, port: 80, scheduler: "wrr" })),
  });
  assert.ok("cluster" in parsed, JSON.stringify(parsed));
  return planCluster(parsed.cluster);
}

/** What keepalived prints of a table in which no check has run yet. */
function dump(table: ClusterPlan["verification"]["table"]): string {
  const lines = Object.entries(table).flatMap(([service, { realServers }]) => {
    const [vip = ""] = service.replace("tcp ", "").split(":");
    const real = Object.keys(realServers).map((each) => each.split(":")[0]);
    return [
      `VS VIP = ${vip}, VPORT = 80`,
      "protocol = TCP",
      ...real.flatMap((rip) => [`RIP = ${rip}, RPORT = 80, WEIGHT = 1 EFF WEIGHT = 1`, "alive = 1", "RS set = 1"]),
      ...real.flatMap((rip) => [
        `CHECK = [${vip}]:tcp:80 -> [${rip}]:tcp:80`,
        "Enabled = yes",
        "Has run = no",
        "Retries iterations = 0",
      ]),
    ];
  });
  return ["alive", ...lines, ""].join("\n");
}

/** Runs work and gives its result; fails when it computes for longer. */
function within<T>(what: string, work: () => T, limit = LIMIT): T {
  const begin = process.cpuUsage();
  const result = work();
  const seconds = process.cpuUsage(begin).user / 1e6;
  assert.ok(seconds < limit, `${what}: must take less than ${limit} s, got ${seconds.toFixed(1)} s`);
  return result;
}

const printed = (stdout: string) => [{ argv: [], code: 0, stdout, stderr: "" }];
const conf = "/etc/keepalived/keepalived.conf";

describe(`${REAL_SERVERS} real servers with ${SERVICES} services`, () => {
  const before = within("plan", () => plan(1), LONG);
  const after = plan(2);
  const director = before.directors["director-a"]!;
  const changed = after.directors["director-a"]!;
  const { table } = director;
  const text = director.files[conf]!.content;

  test("are all in the table and in keepalived's configuration", () => {
    const inText = within("reading the configuration", () => listed(text));
    assert.equal(Object.keys(table).length, SERVICES);
    for (const [service, { realServers }] of Object.entries(table)) {
      assert.equal(Object.keys(realServers).length, REAL_SERVERS);
      assert.deepEqual(inText[service]?.sort(), Object.keys(realServers).sort());
    }
  });

  test("pass between engine and provider unharmed", () => {
    const properties = director as unknown as Properties;
    const sent = within("wrap", () => wrap(properties, new Set()), LONG);
    assert.deepEqual(
      within("unwrap", () => unwrap(sent)).properties,
      JSON.parse(JSON.stringify(properties)) as Properties,
    );
  });

  test("differ by the weight of one in the directors alone", () => {
    const of = (plans: ClusterPlan["hosts"] | ClusterPlan["directors"]) =>
      plans as unknown as Record<string, Properties>;
    const moved = within("diff", () =>
      [of(before.directors), of(before.hosts)].flatMap((plans, n) =>
        Object.entries(plans).flatMap(([name, each]) =>
          differences(each, (n === 0 ? of(after.directors) : of(after.hosts))[name]!).map(
            ({ path }) => `${name} ${path}`,
          ),
        ),
      ),
    );
    const weights = Object.keys(table).map((service) => `table["${service}"].realServers["10.0.0.0:80"].weight`);
    const each = [`files["${conf}"].content`, ...weights];
    assert.deepEqual(
      moved.sort(),
      ["director-a", "director-b"].flatMap((name) => each.map((path) => `${name} ${path}`)).sort(),
    );
  });

  test("are read back from the kernel and compared in one pass", () => {
    const rules = ipvs.rules(table);
    assert.equal(rules.length, SERVICES * (REAL_SERVERS + 1));
    const kernel = within("reading the table", () => ipvs.read().parse(printed(["ipvsadm", ...rules, ""].join("\n"))));
    assert.deepEqual(kernel, table);
    assert.equal(within("comparing", () => ipvs.difference(kernel, changed.table)).changes.length, SERVICES);
    const { steps } = ipvs.difference({}, table);
    assert.equal(steps.length, rules.length);
    within("the batch that fills the table", () => compile(steps, "0".repeat(32)));
  });

  test("are followed while keepalived's checks of all of them have no result", () => {
    const daemon = within("reading the daemon", () => keepalived.state().parse(printed(dump(table))));
    assert.equal(daemon.undecided.length, SERVICES * REAL_SERVERS);
    assert.deepEqual(
      within("expecting", () => expected(table, daemon)),
      table,
    );
    assert.deepEqual(
      within("health", () => withUnhealthy(table, table, daemon)),
      table,
    );
  });

  test("may nearly all come at once, at weight 0 until they are checked", () => {
    const few = plan(1, 1).directors["director-a"]!;
    const comers = within("comers", () => arriving(few.files[conf]!.content, text, few.table));
    assert.equal(Object.values(comers).flat().length, SERVICES * (REAL_SERVERS - 1));
    const held = within("holding them", () => waiting(text, comers));
    assert.equal(held.match(/^ +weight 0$/gm)?.length, SERVICES * (REAL_SERVERS - 1));
  });
});
