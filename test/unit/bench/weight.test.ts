import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { planCluster } from "../../../infra/render/index.js";
import { checkTogether, formatProblem, parseCluster, parseLab } from "../../../infra/spec/index.js";
import type { BenchHost } from "../../bench/hosts.js";
import { operations } from "../../bench/weight/events.js";
import { cluster, directorsOnly, tableOf, taken } from "../../bench/weight/stack-file.js";
import { type Change, checkTouched, table } from "../../bench/weight/table.js";
import type { StackFile } from "../../lab/support/stack.js";

const base = () => parse(readFileSync(join(__dirname, "../../../stacks/Pulumi.lab-dr.yaml"), "utf8")) as StackFile;
const realServers: BenchHost[] = [1, 2, 3].map((n) => ({
  ...{ name: `rs${n}`, address: `198.18.0.${n}`, hostKey: "ssh-ed25519 AAAA" },
  addresses: { mgmt: `198.18.0.${n}`, eth0: `192.168.184.${20 + n}` },
}));
const update = Object.fromEntries(
  ["lvs-director-a-serving", "lvs-director-b-serving", "lvs-verification"].map((name) => [name, "update"]),
);
const change = (n: number, seconds: number, empty: number): Change => ({
  ...{ seconds, empty, realServers: 100, run: n, weight: n, load: 1.5 },
  ...{ operations: update, connections: { "director-a": 2, "director-b": 1 } },
  processes: { "director-a": 90, "director-b": 80 },
});

describe("the bench of a changed weight", () => {
  test("makes a stack file that is accepted, and whose plan is the kernel's table that it looks for", () => {
    const file = base();
    cluster(realServers, "key", { rs2: 3 })(file);
    // In the file it is a secret, which the CLI alone can read.
    file.config["lvs:cluster"].vrrp.authPass = "password";
    const lab = parseLab(file.config["lvs:lab"]);
    const parsed = parseCluster(file.config["lvs:cluster"]);
    assert.ok("cluster" in parsed && "lab" in lab, JSON.stringify([parsed, lab]));
    assert.deepEqual(checkTogether(parsed.cluster, lab.lab).map(formatProblem), []);
    assert.deepEqual(Object.keys(file.config["lvs:lab"].machines), ["director-a", "director-b"]);
    const { table: planned } = planCluster(parsed.cluster).directors["director-a"]!;
    const rules = Object.entries(planned["tcp 192.168.184.100:80"]!.realServers).map(
      ([endpoint, { weight }]) => `-a -t 192.168.184.100:80 -r ${endpoint} -g -w ${weight}`,
    );
    assert.deepEqual(["-A -t 192.168.184.100:80 -s wrr", ...rules].sort(), tableOf(realServers, { rs2: 3 }));
  });

  test("boots the directors alone before it knows the addresses of its real servers", () => {
    const file = base();
    directorsOnly(file);
    assert.ok("lab" in parseLab(file.config["lvs:lab"]));
    assert.equal(file.config["lvs:cluster"], undefined);
    assert.ok(["192.168.184.11", "192.168.184.14", "192.168.184.100"].every((each) => taken(base()).includes(each)));
  });

  test("reads from the engine's events what was done to which resource", () => {
    const event = (op: string, name: string) =>
      JSON.stringify({ resOutputsEvent: { metadata: { op, urn: `urn:pulumi:s::lvs::lvs:index:Host::${name}` } } });
    const log = ['{"preludeEvent":{}}', event("same", "lvs-rs1"), event("update", "lvs-verification"), ""].join("\n");
    assert.deepEqual(operations(log), { "lvs-verification": "update" });
    assert.throws(() => operations('{"preludeEvent":{}}\n'), /must tell of resources/);
  });

  test("is satisfied with both directors and nobody else", () => {
    checkTouched(change(1, 3, 1));
    const more = { ...update, "lvs-rs1": "update" };
    assert.throws(() => checkTouched({ ...change(1, 3, 1), operations: more }), /must change/);
    const wrong: Record<string, number>[] = [{ "director-a": 1 }, { "director-a": 1, "director-b": 1, rs1: 1 }, {}];
    for (const connections of wrong)
      assert.throws(() => checkTouched({ ...change(1, 3, 1), connections }), /must touch/);
  });

  test("compares each change with the median of the empty program", () => {
    const lines = table([change(1, 3, 1), change(3, 2.5, 2), change(2, 4, 1.5)]).split("\n");
    assert.ok(lines.includes("| 1 | 1 | 3.00 | 1.50 | 3 | 0 | 2 | 1 | 90 | 80 | 1.5 |"), lines.join("\n"));
    assert.ok(lines.includes("Median: 3.00 s, 1.50 s beyond an empty program (1.50 s)."), lines.join("\n"));
  });

  test("has a systemctl that tells of a unit as systemd does, and refuses what it does not know", () => {
    const script = join(__dirname, "../../bench/weight/systemctl.sh");
    const shown = execFileSync("sh", [script, "show", "--property=Id,LoadState", "--", "none.service"], {
      encoding: "utf8",
    });
    assert.match(shown, /^Id=none\.service\nLoadState=not-found\nActiveState=inactive\n/);
    assert.throws(() => execFileSync("sh", [script, "mask", "none.service"], { stdio: "pipe" }), /knows no "mask"/);
  });
});
