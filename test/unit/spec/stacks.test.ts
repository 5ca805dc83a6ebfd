import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { checkTogether, formatProblem, parseCluster, parseLab } from "../../../infra/spec/index.js";

const folder = join(__dirname, "../../../stacks");

describe("the stack file of", () => {
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".yaml")))
    test(`${name} has no problem, and says which case it is`, () => {
      const text = readFileSync(join(folder, name), "utf8");
      assert.match(text, /^# Case \d+: /);
      const { config } = parse(text) as { config: { "lvs:cluster": { vrrp?: { authPass?: unknown } } } };
      const cluster = config["lvs:cluster"];
      // Pulumi puts the clear text in the place of an encrypted value before the program sees it.
      if (cluster.vrrp?.authPass !== undefined) cluster.vrrp.authPass = "1111";
      const checked = parseCluster(cluster);
      const lab = parseLab((config as Record<string, unknown>)["lvs:lab"]);
      const problems = [checked, lab].flatMap((result) => ("problems" in result ? result.problems : []));
      if ("cluster" in checked && "lab" in lab) problems.push(...checkTogether(checked.cluster, lab.lab));
      assert.deepEqual(problems.map(formatProblem), []);
    });
});
