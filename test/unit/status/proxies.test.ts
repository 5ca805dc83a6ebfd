import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Sight } from "../../../infra/status/look.js";
import { paintFor } from "../../../infra/status/paint.js";
import { statusSchema, type Status } from "../../../infra/status/schema.js";
import { screen } from "../../../infra/status/screen.js";
import type { KnownCluster } from "../../../infra/status/state.js";
import { statusOf } from "../../../infra/status/status.js";
import { BACKUP, MASTER, NOW, pair, sights } from "./pair.js";
import { nginxConf, proxied, proxySights, seenProxy, type Engine } from "./proxies.js";

const docs = readFileSync(join(__dirname, "../../../docs/status.schema.json"), "utf8");
const validate = new Ajv2020({ allErrors: true, formats: { "date-time": true } }).compile(JSON.parse(docs) as object);

function statusFrom(clusters: KnownCluster[], seen: (cluster: KnownCluster, host: string) => Sight | undefined) {
  const status = statusOf("lab", clusters, (cluster, host) => seen(cluster, host.name), NOW);
  assert.ok(validate(JSON.parse(JSON.stringify(status))), JSON.stringify(validate.errors));
  assert.deepEqual(statusSchema.parse(status), status);
  return status;
}

function look(engine: Engine, others: Record<string, Sight | undefined> = {}): Status {
  const all = proxySights(engine, others);
  return statusFrom([proxied(engine)], (_, host) => all[host]);
}

const shown = (status: Status) => screen(status, paintFor({}));
const SERVICE = "tcp 192.168.184.100:80";

describe("the status of a pair of proxies", () => {
  test("is healthy when every host was read and all is as set up", () => {
    for (const engine of ["haproxy", "nginx"] as const) {
      const { verdict, problems, clusters } = look(engine);
      assert.deepEqual([verdict, problems, clusters[0]!.drift], ["healthy", [], []], engine);
      assert.deepEqual(clusters[0]!.vips[0]!.holders[0]!.host, "director-a");
    }
  });

  test("has of haproxy's real servers what haproxy says", () => {
    const { proxy, services, total, daemon } = look("haproxy").clusters[0]!.directors[0]!;
    assert.deepEqual([services, total, daemon], [[], null, "keepalived"]);
    const [service] = proxy!.services;
    const { active, given, listening, mode, scheduler } = service!;
    assert.deepEqual(
      { active, given, listening, mode, scheduler },
      {
        active: 0,
        given: 12,
        listening: true,
        mode: "http",
        scheduler: "wrr",
      },
    );
    assert.deepEqual(service!.pools[0]!.realServers[0], {
      address: "192.168.184.12:80",
      name: "rs1",
      role: "real server",
      health: "up",
      inPool: true,
      weight: 3,
      active: 0,
      given: 5,
      rate: 5,
    });
    assert.deepEqual(
      service!.pools.map(({ rule, realServers }) => [rule, realServers.map((each) => [each.name, each.role])]),
      [
        [
          null,
          [
            ["rs1", "real server"],
            ["rs2", "real server"],
            ["192.168.184.99:8080", "sorry server"],
          ],
        ],
        [
          1,
          [
            ["rs2", "real server"],
            ["192.168.184.99:8080", "sorry server"],
          ],
        ],
      ],
    );
  });

  test("has of nginx's real servers what can be known, and null for the rest", () => {
    const [service] = look("nginx").clusters[0]!.directors[0]!.proxy!.services;
    const { active, given, rate } = service!;
    assert.deepEqual({ active, given, rate }, { active: 3, given: null, rate: null });
    assert.deepEqual(
      service!.pools.flatMap(({ realServers }) =>
        realServers.map((each) => [each.address, each.health, each.weight, each.active, each.given]),
      ),
      [
        ["192.168.184.12:80", "up", 3, 2, null],
        ["192.168.184.13:80", "up", 1, 1, null],
        // The sorry server is in both pools: whose connections it has cannot be told.
        ["192.168.184.99:8080", "up", 1, null, null],
        ["192.168.184.13:8080", "up", 1, 0, null],
        ["192.168.184.99:8080", "up", 1, null, null],
      ],
    );
  });

  test("is one screen", () => {
    assert.equal(
      shown(look("haproxy")),
      `lab: healthy at 2026-11-25 06:30:00 UTC

VIP                 held by             since
192.168.184.100/24  director-a (ens32)  2026-11-25 06:17:26 UTC, 12 min 34 s

director    proxy         VRRP         priority
director-a  haproxy runs  VI_1 MASTER       100
director-b  haproxy runs  VI_1 BACKUP        50

service on director-a                                        health  weight  active  total  per s
tcp 192.168.184.100:80                  http wrr                                  0     12     12
  rs1                                   192.168.184.12:80    up           3       0      5      5
  rs2                                   192.168.184.13:80    up           1       0      1      1
  192.168.184.99:8080 (sorry server)                         up           1       0      0      0
  rule 1
    rs2                                 192.168.184.13:8080  up           1       0      6      6
    192.168.184.99:8080 (sorry server)                       up           1       0      0      0

drift         none (pools, places where proxies listen, addresses, routes, sysctls and firewall rules; all of it: npm run -s drift -- lab)
verification  2026-11-25 06:00:00 UTC, 30 min 0 s ago: 4 of 4 requests answered
`,
    );
    assert.match(shown(look("nginx")), /^ {2}rs1 +192\.168\.184\.12:80 +up +3 +2$/m);
    assert.doesNotMatch(shown(look("nginx")), /per s/);
  });
});

interface Fault {
  title: string;
  engine: Engine;
  sight: Sight;
  problems: RegExp[];
}

const faults: Fault[] = [
  {
    title: "a real server fails haproxy's check",
    engine: "haproxy",
    sight: seenProxy("haproxy", MASTER, { stats: "down" }),
    problems: [/^director-a: tcp 192\.168\.184\.100:80 -> rs1 \(192\.168\.184\.12:80\): its health check fails\.$/],
  },
  {
    title: "no real server can answer, and the sorry server does",
    engine: "haproxy",
    sight: seenProxy("haproxy", MASTER, { stats: "sorry" }),
    problems: [
      /rs1 \(192\.168\.184\.12:80\): its health check fails\.$/,
      /rs2 \(192\.168\.184\.13:80\): its health check fails\.$/,
      /-> 192\.168\.184\.99:8080: the sorry server answers, since no real server can\.$/,
      /rs2 \(192\.168\.184\.13:8080\): its health check fails\.$/,
    ],
  },
  {
    title: "nginx's director cannot connect to a real server",
    engine: "nginx",
    sight: seenProxy("nginx", MASTER, { refusing: [2] }),
    problems: [/rs2 \(192\.168\.184\.13:80\): the director cannot connect to it\.$/],
  },
  {
    title: "the proxy is gone: said once",
    engine: "haproxy",
    sight: seenProxy("haproxy", MASTER, { dead: true }),
    problems: [/^director-a: haproxy does not run\. Look at "journalctl -u haproxy" there\.$/],
  },
  {
    title: "haproxy runs, and its socket gives nothing",
    engine: "haproxy",
    sight: seenProxy("haproxy", MASTER, { stats: undefined }),
    problems: [/^director-a: haproxy runs, and cannot be asked for its real servers\.$/],
  },
  {
    title: "nobody listens where a service is",
    engine: "nginx",
    sight: seenProxy("nginx", MASTER, { listens: "listen 127.0.0.1:8064\n" }),
    problems: [/^director-a: nothing listens on 192\.168\.184\.100:80\. Run refresh, then up\.$/],
  },
  {
    title: "nginx's configuration has another weight, a stranger, and lacks a real server",
    engine: "nginx",
    sight: seenProxy("nginx", MASTER, {
      conf: nginxConf()
        .replace("weight=3", "weight=5")
        .replace(/server 192\.168\.184\.13:80 .*\n/, "server 192.168.184.66:80;\n"),
    }),
    problems: [
      /^director-a: tcp 192\.168\.184\.100:80 -> rs1 has weight 5, not 3\. Run refresh, then up\.$/,
      /-> rs2 is not in the pool\. Run/,
      /-> 192\.168\.184\.66:80 is in the pool\. Run/,
    ],
  },
];

describe("the status of a pair of proxies tells when", () => {
  for (const { title, engine, sight, problems } of faults)
    test(title, () => {
      const status = look(engine, { "director-a": sight });
      assert.equal(status.verdict, "unhealthy");
      assert.equal(status.problems.length, problems.length, status.problems.join("\n"));
      problems.forEach((pattern, at) => assert.match(status.problems[at]!, pattern));
      assert.match(shown(status), /^problems\n/m);
    });

  test("a server was set aside over haproxy's socket", () => {
    const sight = seenProxy("haproxy", MASTER);
    const rs1 = sight.director.proxy.pools!["lvs_192_168_184_100_80"]!["rs1"]!;
    Object.assign(rs1, { aside: "DRAIN" });
    const status = look("haproxy", { "director-a": sight });
    assert.deepEqual(status.problems, [`director-a: ${SERVICE} -> rs1 is set to DRAIN. Run refresh, then up.`]);
    assert.match(shown(status), /^ {2}rs1 +192\.168\.184\.12:80 +up, DRAIN +3 /m);
  });

  test("a proxy does not run, and nothing is said of what it would serve", () => {
    const { clusters } = look("nginx", { "director-a": seenProxy("nginx", MASTER, { dead: true }) });
    const [service] = clusters[0]!.directors[0]!.proxy!.services;
    const { health, inPool, weight, active } = service!.pools[0]!.realServers[0]!;
    assert.deepEqual([service!.active, health, inPool, weight, active], [null, "unknown", null, null, null]);
  });
});

describe("the status of layers", () => {
  const back: KnownCluster = {
    ...proxied("nginx"),
    name: "proxies",
    directors: proxied("nginx").directors.map((director) => ({
      ...director,
      daemon: "none" as const,
      vips: [],
      configuration: "",
    })),
  };
  const front: KnownCluster = { ...pair, name: "front" };
  const bare = (sight: ReturnType<typeof seenProxy>): Sight => ({
    ...sight,
    director: { ...sight.director, held: [], daemon: { ...sight.director.daemon, instances: {} } },
  });
  const all = (cluster: KnownCluster, host: string) =>
    cluster === front
      ? sights()[host]
      : proxySights("nginx", {
          "director-a": bare(seenProxy("nginx", MASTER)),
          "director-b": bare(seenProxy("nginx", BACKUP)),
        })[host];

  test("has a part for each, and no VIPs where proxies stand side by side", () => {
    const status = statusFrom([front, back], all);
    assert.deepEqual([status.verdict, status.problems], ["healthy", []]);
    assert.deepEqual(
      status.clusters.map(({ name, vips, directors }) => [name, vips.length, directors.map(({ daemon }) => daemon)]),
      [
        ["front", 1, ["keepalived", "keepalived"]],
        ["proxies", 0, ["none", "none"]],
      ],
    );
    const text = shown(status);
    const [ahead = "", behind = ""] = text.split("\nproxies\n");
    assert.match(ahead, /^front\n\nVIP /m);
    assert.match(ahead, /^service on director-a .* conn\/s /m);
    assert.match(behind, /^director +proxy\ndirector-a +nginx runs\ndirector-b +nginx runs\n/m);
    assert.match(behind, /^service on director-a /m);
    assert.match(behind, /^service on director-b /m);
    assert.doesNotMatch(behind, /VIP|VRRP/);
  });
});
