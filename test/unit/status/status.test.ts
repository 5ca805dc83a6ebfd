import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Sight } from "../../../infra/status/look.js";
import { jsonSchema, statusSchema, type Status } from "../../../infra/status/schema.js";
import type { KnownCluster } from "../../../infra/status/state.js";
import { statusOf } from "../../../infra/status/status.js";
import { BACKUP, MASTER, NOW, pair, RS1, RS2, RULES, seen, SERVICE, sights, VIP } from "./pair.js";

const docs = readFileSync(join(__dirname, "../../../docs/status.schema.json"), "utf8");
const validate = new Ajv2020({ allErrors: true, formats: { "date-time": true } }).compile(JSON.parse(docs) as object);

function look(others: Record<string, Sight | undefined> = {}, cluster: KnownCluster = pair): Status {
  const all = sights(others);
  const status = statusOf("lab-dr", [cluster], (_, host) => all[host.name], NOW);
  assert.ok(validate(JSON.parse(JSON.stringify(status))), JSON.stringify(validate.errors));
  assert.deepEqual(statusSchema.parse(status), status);
  return status;
}

describe("the status of a pair", () => {
  test("is healthy when every host was read and all is as set up", () => {
    const { verdict, problems, hosts, clusters } = look();
    assert.deepEqual([verdict, problems], ["healthy", []]);
    assert.deepEqual(
      hosts.map(({ host, role, address, error }) => [host, role, address, error]),
      [
        ["director-a", "director", "198.18.1.10:22", null],
        ["director-b", "director", "198.18.1.11:22", null],
        ["rs1", "real server", "198.18.1.12:22", null],
        ["rs2", "real server", "198.18.1.13:22", null],
      ],
    );
    assert.deepEqual(clusters[0]!.vips, [
      {
        address: VIP,
        holders: [{ host: "director-a", interface: "ens32", since: "2026-11-25T06:17:26.000Z", seconds: 754 }],
      },
    ]);
    assert.deepEqual(clusters[0]!.verification, {
      at: "2026-11-25T06:00:00.000Z",
      current: true,
      sent: 4,
      answered: 4,
    });
  });

  test("has of each real server its name, health, weight, connections and rates", () => {
    const [service] = look().clusters[0]!.directors[0]!.services;
    assert.deepEqual([service!.service, service!.scheduler, service!.rates.connections], [SERVICE, "rr", 1]);
    assert.deepEqual(service!.realServers[0], {
      address: RS1,
      name: "rs1",
      role: "real server",
      health: "up",
      inTable: true,
      forwarding: "dr",
      weight: 1,
      active: 1,
      inactive: 3,
      counted: { connections: 2, packetsIn: 12, packetsOut: 0, bytesIn: 760, bytesOut: 0 },
      rates: { connections: 1, packetsIn: 2, packetsOut: 0, bytesIn: 168, bytesOut: 0 },
    });
  });

  test("has VRRP's state of both peers, and when it changed", () => {
    assert.deepEqual(
      look().clusters[0]!.directors.map(({ instances }) => instances),
      [
        [{ instance: "VI_1", state: "MASTER", priority: 100, changed: "2026-11-25T06:40:02.500Z" }],
        [{ instance: "VI_1", state: "BACKUP", priority: 50, changed: "2026-11-25T06:40:02.500Z" }],
      ],
    );
  });
});

interface Fault {
  title: string;
  sights: Record<string, Sight | undefined>;
  verdict: Status["verdict"];
  problems: string[];
}

const faults: Fault[] = [
  {
    title: "two directors hold the VIP",
    sights: { "director-b": seen({ ...BACKUP, state: "MASTER" }) },
    verdict: "unhealthy",
    problems: [`${VIP}: exactly one director must hold it, got director-a and director-b.`],
  },
  {
    title: "no director holds it",
    sights: { "director-a": seen(MASTER, { holds: false }) },
    verdict: "unhealthy",
    problems: [`${VIP}: exactly one director must hold it, got none.`],
  },
  {
    title: "the one of the lower priority holds it",
    sights: { "director-a": seen({ ...MASTER, state: "BACKUP" }), "director-b": seen({ ...BACKUP, state: "MASTER" }) },
    verdict: "unhealthy",
    problems: [`${VIP}: director-a must hold it, having the higher priority, got director-b.`],
  },
  {
    title: "the one of the lower priority may hold it under nopreempt",
    sights: {
      "director-a": seen({ ...MASTER, state: "BACKUP", preempt: false }),
      "director-b": seen({ ...BACKUP, state: "MASTER", preempt: false }),
    },
    verdict: "healthy",
    problems: [],
  },
  {
    title: "an instance is in FAULT",
    sights: { "director-b": seen({ ...BACKUP, state: "FAULT" }) },
    verdict: "unhealthy",
    problems: ["director-b: the VRRP instance VI_1 is in FAULT."],
  },
  {
    title: "keepalived is gone, and took its table along: said once",
    sights: { "director-b": seen(BACKUP, { dead: true, rules: [] }) },
    verdict: "unhealthy",
    problems: ['director-b: keepalived does not run. Look at "journalctl -u keepalived" there.'],
  },
  {
    title: "a check fails, and keepalived has taken the real server out: no drift",
    sights: { "director-a": seen({ ...MASTER, failing: [RS1] }, { rules: [RULES[0]!, RULES[2]!] }) },
    verdict: "unhealthy",
    problems: [`director-a: ${SERVICE} -> rs1 (${RS1}): its health check fails.`],
  },
  {
    title: "a real server has another weight in the kernel's table",
    sights: { "director-a": seen(MASTER, { rules: [RULES[0]!, RULES[1]!.replace("-w 1", "-w 3"), RULES[2]!] }) },
    verdict: "unhealthy",
    problems: [`director-a: ${SERVICE} -> ${RS1} is dr weight 3, not dr weight 1. Run refresh, then up.`],
  },
  {
    title: "something is not as set up on a real server",
    sights: { rs1: { at: NOW, drift: ["the address lo 192.168.184.100/32 is missing"] } },
    verdict: "unhealthy",
    problems: ["rs1: the address lo 192.168.184.100/32 is missing. Run refresh, then up."],
  },
  {
    title: "a director's kernel does not forward what its method sends through it",
    sights: { "director-a": { ...seen(MASTER), drift: ["net.ipv4.ip_forward is 0, not 1"] } },
    verdict: "unhealthy",
    problems: ["director-a: net.ipv4.ip_forward is 0, not 1. Run refresh, then up."],
  },
  {
    title: "a real server could not be read",
    sights: { rs1: { at: NOW, error: "rs1 (198.18.1.12:22): no TCP connection.", drift: [] } },
    verdict: "unread",
    problems: [],
  },
  {
    title: "the director that may hold the VIP could not be read: nobody is said to hold it",
    sights: { "director-a": { at: NOW, error: "no answer within 20 s", drift: [] } },
    verdict: "unread",
    problems: [],
  },
  { title: "a host has not answered yet", sights: { rs2: undefined }, verdict: "unread", problems: [] },
];

describe("the status tells when", () => {
  for (const { title, sights: others, verdict, problems } of faults)
    test(title, () => {
      const status = look(others);
      assert.deepEqual([status.verdict, status.problems], [verdict, problems]);
    });

  test("hosts have been changed since the last verification, or there was none", () => {
    const stale = look({}, { ...pair, verification: { ...pair.verification!, current: false } });
    assert.deepEqual(stale.problems, ["lvs: hosts have been changed since the last verification. Run up."]);
    const never = look({}, { ...pair, verification: undefined });
    assert.deepEqual(never.problems, ["lvs: the cluster was never verified. Run up."]);
  });
});

describe("the health of a real server", () => {
  const health = (others: Record<string, Sight>, cluster = pair) =>
    look(others, cluster).clusters[0]!.directors[0]!.services[0]!.realServers.map((each) => [
      each.name,
      each.health,
      each.inTable,
    ]);

  test("is down, also while it is out of the table; and checking until the first check has run", () => {
    const dump = { ...MASTER, failing: [RS1], open: [RS2] };
    assert.deepEqual(health({ "director-a": seen(dump, { rules: [RULES[0]!, RULES[2]!] }) }), [
      ["rs1", "down", false],
      ["rs2", "checking", true],
    ]);
  });

  test("is unchecked without a check in keepalived.conf, and unknown without a daemon", () => {
    const bare = pair.directors.map((each) => ({ ...each, configuration: "" }));
    assert.deepEqual(health({}, { ...pair, directors: bare })[0], ["rs1", "unchecked", true]);
    assert.deepEqual(health({ "director-a": seen(MASTER, { dead: true }) })[0], ["rs1", "unknown", true]);
  });

  test("stands beside one that is in the table and not in the spec", () => {
    const rules = [...RULES, "-a -t 192.168.184.100:80 -r 192.168.184.99:80 -g -w 1"];
    const [service] = look({ "director-a": seen(MASTER, { rules }) }).clusters[0]!.directors[0]!.services;
    const stranger = service!.realServers.find(({ role }) => role === "stranger")!;
    assert.deepEqual([stranger.address, stranger.name, stranger.health], ["192.168.184.99:80", null, "unchecked"]);
  });
});

describe("docs/status.schema.json", () => {
  test("is what the types say", () => assert.equal(docs, jsonSchema(), "npm run -s status -- --schema writes it"));

  test("refuses what is no status", () => {
    for (const spoil of [
      (status: any) => delete status.clusters[0].vips,
      (status: any) => (status.verdict = "fine"),
      (status: any) => (status.clusters[0].directors[0].services[0].realServers[0].weight = "1"),
      (status: any) => (status.more = 1),
    ]) {
      const status = JSON.parse(JSON.stringify(look())) as unknown;
      spoil(status);
      assert.equal(validate(status), false, String(spoil));
    }
  });
});
