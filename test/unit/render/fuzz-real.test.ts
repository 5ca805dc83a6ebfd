import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { testable } from "../../../infra/linux/keepalived.js";
import type { FileWant } from "../../../infra/plan/types.js";
import { planCluster } from "../../../infra/render/index.js";
import { parseCluster, type Cluster } from "../../../infra/spec/index.js";
import { fittingCluster } from "../../fuzz/properties.js";
import { noKeepalived, Sandbox } from "./sandbox.js";

const conf = "/etc/keepalived/keepalived.conf";
const seed = Number(process.env["FUZZ_SEED"] ?? 20_260_101);
const wanted = Math.ceil(Number(process.env["FUZZ_CASES"] ?? 1500) / 30);
const skip =
  noKeepalived ??
  (spawnSync("systemd-analyze", ["--version"]).status === 0 ? false : "systemd-analyze is not installed");

/** Clusters that the spec takes, drawn by the seed. */
function taken(count: number): Cluster[] {
  const drawn = fc.sample(fittingCluster, { seed, numRuns: 6 * count });
  return drawn
    .flatMap((input) => {
      const result = parseCluster(input);
      return "cluster" in result ? [result.cluster] : [];
    })
    .slice(0, count);
}

/** What keepalived says of interfaces and programs that this machine does not have; anything else is about the text. */
const allowed = [
  / doesn't exist$/,
  /^Non-existent interface specified in configuration$/,
  /^Disabling track script \S+ since not found\/accessible$/,
];

describe("real programs read what was drawn", { skip }, () => {
  let box: Sandbox;
  before(async () => void (box = await Sandbox.open(["ens32", "ens33", "ens160", "ens256"])));
  after(() => box.close());

  test("keepalived finds nothing to say", (t) => {
    const clusters = taken(wanted);
    let read = 0;
    for (const cluster of clusters)
      for (const { files } of Object.values(planCluster(cluster).directors).slice(0, 1)) {
        const content = files[conf]?.content.replaceAll("${secret:auth_pass}", () => cluster.vrrp?.authPass ?? "");
        if (content === undefined) continue;
        read++;
        box.write("/run/k.conf", testable(content), "0600");
        const said = box.run("keepalived -t -f /run/k.conf 2>&1 || [ $? = 5 ] || echo exit $?");
        const odd = said.split("\n").filter((line) => line !== "" && !allowed.some((each) => each.test(line)));
        assert.equal(odd.join("\n"), "", content);
      }
    assert.ok(read > wanted / 2, `only ${read} configurations were drawn`);
    t.diagnostic(`figure: keepalived -t read ${read} configurations drawn with seed ${seed}`);
  });

  test("systemd and sh find nothing to say", (t) => {
    const units = new Map<string, string>();
    const scripts = new Map<string, string>();
    for (const cluster of taken(wanted)) {
      const plan = planCluster(cluster);
      const files: Record<string, FileWant> = Object.assign(
        {},
        ...[...Object.values(plan.hosts), ...Object.values(plan.directors)].map((each) => each.files),
      );
      for (const [path, { content }] of Object.entries(files)) {
        if (!content.includes("Written by pulumi-lvs")) continue;
        // Files that units call come with the host's other files.
        if (path.startsWith("/usr/local/sbin/")) box.write(path, "#!/bin/sh\n", "0755");
        // The same text but for the name of the cluster is read once.
        const text = content.replace(/ for cluster \S+;/, "");
        if (path.endsWith(".service")) units.set(text, content);
        else if (content.startsWith("#!/bin/sh")) scripts.set(text, content);
      }
    }
    const names = [...units.values()].map((content, index) => {
      box.write(`/etc/systemd/system/fuzz-${index}.service`, content);
      return `fuzz-${index}.service`;
    });
    for (let at = 0; at < names.length; at += 50)
      assert.equal(box.run(`systemd-analyze verify ${names.slice(at, at + 50).join(" ")} 2>&1`), "");
    for (const content of scripts.values()) {
      box.write("/run/script", content);
      assert.equal(box.run("sh -n /run/script 2>&1"), "");
    }
    assert.ok(units.size > 5 && scripts.size > 1, `${units.size} units, ${scripts.size} scripts`);
    t.diagnostic(
      `figure: systemd-analyze read ${units.size} units, sh -n ${scripts.size} scripts, drawn with seed ${seed}`,
    );
  });
});
