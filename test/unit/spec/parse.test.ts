import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  checkTogether,
  formatProblem,
  parseCluster,
  parseLab,
  parseLayers,
  parseProxy,
  SpecError,
  type Problem,
} from "../../../infra/spec/index.js";
import { certificate, proxyPair, twoLayers } from "../plan/proxy-variants.js";
import { caseOne, cases, changed, checked, type Change } from "./case-1.js";

interface BadCase extends Change {
  title: string;
  problems: string[];
}

/** Runs a table; with UPDATE_CASES=1 the table gets what is said now, to be read before it is kept. */
function table(file: string, problemsOf: (change: Change) => Problem[]): void {
  const all = cases<BadCase[]>(file);
  for (const bad of all) {
    test(`${bad.title} is refused`, () => {
      const said = problemsOf(bad).map(formatProblem);
      if (process.env["UPDATE_CASES"] === "1") bad.problems = said;
      assert.notEqual(said.length, 0, "a bad input must give a problem");
      assert.deepEqual(said, bad.problems);
      assert.doesNotMatch(said.join("\n"), /hunter2|54321987/, "a secret was shown");
    });
  }
  after(() => {
    if (process.env["UPDATE_CASES"] !== "1") return;
    writeFileSync(join(__dirname, "../../cases/spec", file), `${JSON.stringify(all, null, 2)}\n`);
  });
}

const problemsIn = (result: object): Problem[] => ("problems" in result ? (result.problems as Problem[]) : []);

describe("a cluster with a mistake", () => {
  table("cluster-problems.json", (change) => problemsIn(parseCluster(changed(caseOne().cluster, change))));
});

describe("a cluster of proxies with a mistake", () => {
  table("proxy-problems.json", (change) => problemsIn(parseProxy(changed(proxyPair(), change))));

  test("which is a certificate beside the key of another one, is refused", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const other = privateKey.export({ type: "pkcs8", format: "pem" });
    const tls = { certificate: certificate().certificate, privateKey: other };
    assert.deepEqual(problemsIn(parseProxy(changed(proxyPair(), { set: { "/services/0/tls": tls } }))), [
      {
        path: "cluster.services[0].tls.privateKey",
        rule: "the key of the certificate",
        got: "[secret]",
        next: "Give the two that belong together.",
      },
    ]);
  });
});

test("more rules of a proxy than nginx can choose from are refused", () => {
  const rules = Array.from({ length: 61 }, (_, index) => ({ path: `/${index}`, realServers: [{ name: "rs1" }] }));
  const problems = (list: unknown[]) =>
    problemsIn(parseProxy(changed(proxyPair(), { set: { "/services/0/rules": list } }))).map(formatProblem);
  assert.deepEqual(problems(rules), [
    "cluster.services[0].rules: at most 60 rules, as nginx chooses by one word of at most 4096 characters, got a list of 61. Put some together.",
  ]);
  assert.deepEqual(problems(rules.slice(1)), []);
});

describe("layers with a mistake", () => {
  test("have none where a second layer stands in front of the same pool and sets nothing up there", () => {
    const { vips, vrrp, services, directors, ...pool } = proxyPair();
    void [vips, services, directors];
    const second = (layer: object) => problemsIn(parseLayers({ ...twoLayers(), second: layer }));
    const own = [{ name: "second-a", address: "192.168.184.41", interface: "ens32" }];
    const proxies = { ...pool, realServers: { layer: "proxies" }, directors: own, services: [{ port: 81 }] };
    assert.deepEqual(second(proxies), []);
    const fullnat = {
      forwarding: "fullnat",
      lips: { addresses: ["192.168.184.60/24"] },
      vips: [{ address: "192.168.184.101/24" }],
      vrrp: { ...vrrp, virtualRouterId: 9 },
      directors: own,
      realServers: { layer: "proxies" },
      services: [{ vip: "192.168.184.101", port: 80 }],
    };
    assert.deepEqual(second(fullnat), []);
  });
  test("have none as they are, and come in the order in which they are made", () => {
    const result = parseLayers(twoLayers());
    assert.ok("layers" in result);
    assert.deepEqual(
      result.layers.map(({ name, behind }) => [name, behind]),
      [
        ["proxies", undefined],
        ["front", "proxies"],
      ],
    );
    const [, front] = result.layers;
    assert.ok(front && "cluster" in front);
    assert.deepEqual(
      front.cluster.realServers.map(({ name, address }) => [name, address]),
      [
        ["director-a", "192.168.184.11"],
        ["director-b", "192.168.184.14"],
      ],
    );
  });
  table("layers-problems.json", (change) => problemsIn(parseLayers(changed(twoLayers(), change))));
});

describe("a lab with a mistake", () => {
  table("lab-problems.json", (change) => problemsIn(parseLab(changed(caseOne().lab, change))));
});

describe("a cluster that does not fit its lab", () => {
  table("together-problems.json", (change) => {
    const { cluster, lab } = changed(caseOne(), change);
    const result = lab === undefined ? undefined : parseLab(lab);
    assert.ok(result === undefined || "lab" in result);
    return checkTogether(checked(cluster), result?.lab);
  });
});

describe("a good stack file", () => {
  test("case 1 has no problem, alone and with its lab", () => {
    const { cluster, lab } = caseOne();
    const labResult = parseLab(lab);
    assert.ok("lab" in labResult);
    assert.deepEqual(checkTogether(checked(cluster), labResult.lab), []);
  });

  test("what is left out gets its default", () => {
    const { cluster } = caseOne();
    const short = checked({
      forwarding: "dr",
      vips: [{ address: "192.168.184.100/24" }],
      vrrp: { virtualRouterId: 51 },
      directors: cluster.directors.map(({ name, address, interface: nic, priority }) => ({
        name,
        address,
        interface: nic,
        priority,
      })),
      realServers: [{ name: "rs1", address: "192.168.184.12", interface: "ens32" }],
      services: [{ vip: "192.168.184.100", port: 80 }],
    });
    assert.equal(short.name, "lvs");
    assert.deepEqual(short.vrrp, {
      instance: "VI_1",
      virtualRouterId: 51,
      advertInterval: 1,
      unicast: false,
      nopreempt: false,
      instances: [],
      trackInterfaces: [],
      trackScripts: [],
      virtualRoutes: [],
      garp: { masterRefresh: 60 },
    });
    assert.deepEqual(short.services[0], {
      vip: "192.168.184.100",
      port: 80,
      protocol: "tcp",
      scheduler: "wlc",
      schedulerFlags: [],
      onePacket: false,
      inhibitOnFailure: false,
      alpha: false,
    });
    assert.equal(short.realServers[0]?.weight, 1);
  });

  test("an exporter of the user's own is nobody else's matter while the cluster has none", () => {
    const own = {
      "/directors/0/files": { "/etc/default/prometheus-node-exporter": "ARGS=\n" },
      "/directors/0/units": { "prometheus-node-exporter.service": { enabled: true, active: true } },
    };
    assert.deepEqual(problemsIn(parseCluster(changed(caseOne().cluster, { set: own }))), []);
  });

  test("a weight of 0 is a value", () => {
    const { cluster } = caseOne();
    assert.equal(checked(changed(cluster, { set: { "/realServers/0/weight": 0 } })).realServers[0]?.weight, 0);
  });

  test("a VIP of /32 may lie outside the directors' network", () => {
    const { cluster } = caseOne();
    checked(changed(cluster, { set: { "/vips/0/address": "203.0.113.7/32", "/services/0/vip": "203.0.113.7" } }));
  });

  test("a connection whose values are not known yet is passed through as it came", () => {
    class Output {
      readonly __pulumiOutput = true;
    }
    const key = new Output();
    const connection = { host: key, user: "root", privateKey: key };
    const { cluster } = caseOne();
    const result = checked({
      ...cluster,
      directors: cluster.directors.map((director) => ({ ...director, connection })),
      realServers: cluster.realServers.map((server) => ({ ...server, connection: new Output() })),
    });
    assert.equal(result.directors[0]?.connection, connection);
    assert.ok(result.realServers[0]?.connection instanceof Output);
  });
});

describe("an input that is no stack file", () => {
  for (const input of [undefined, null, "text", 7, [], true]) {
    test(`${JSON.stringify(input) ?? "nothing"} is one problem, not a crash`, () => {
      assert.equal(problemsIn(parseCluster(input)).length, 1);
      assert.equal(problemsIn(parseLab(input)).length, 1);
    });
  }
});

test("the error lists every problem on a line of its own", () => {
  const problem = { path: "cluster.vips", rule: "a list", got: "a text", next: "Write it as such." };
  const lines = new SpecError([problem, { ...problem, path: "cluster.services" }]).message.split("\n");
  assert.deepEqual(lines, [
    "2 problems in the stack file:",
    "  cluster.vips: a list, got a text. Write it as such.",
    "  cluster.services: a list, got a text. Write it as such.",
  ]);
});
