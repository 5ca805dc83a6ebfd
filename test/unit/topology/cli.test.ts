import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

const root = join(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "topology-"));
after(() => rmSync(folder, { recursive: true }));

function topology(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const argv = ["--import", "tsx", join(root, "infra/topology/cli.ts"), ...args];
  return spawnSync(process.execPath, argv, { cwd: root, encoding: "utf8" });
}

describe("npm run topology", () => {
  test("prints the picture of a stack, without a lab, an engine or a passphrase", () => {
    const { status, stdout, stderr } = topology("lab-dr");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.ok(stdout === readFileSync(join(root, "docs/topologies/lab-dr.svg"), "utf8"), "other than in docs/");
  });

  test("writes a file, whose name tells the format", () => {
    const out = join(folder, "new", "lab-nat.mmd");
    assert.deepEqual(topology("lab-nat", "--out", out).status, 0);
    assert.match(readFileSync(out, "utf8"), /^---\ntitle: "lab-nat: NAT, keepalived"\n---\nflowchart LR\n/);
  });

  test("says what is wrong, and what there is", () => {
    const table: [string[], RegExp][] = [
      [[], /^topology: one stack must be named, got none\. Known: lab-checks, /],
      [["lab-dx"], /^topology: one stack must be named, got lab-dx\. Known: /],
      [["lab-dr", "lab-nat"], /^topology: one stack must be named, got lab-dr lab-nat\./],
      [["lab-dr", "--format", "png"], /^topology: --format must be svg or mermaid, got png\.\n$/],
      [["lab-dr", "--colour"], /--colour/],
    ];
    for (const [args, message] of table) {
      const { status, stdout, stderr } = topology(...args);
      assert.deepEqual([status, stdout], [1, ""], args.join(" "));
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
  });
});
