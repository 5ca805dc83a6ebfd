import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import {
  checkProxyTogether,
  checkTogether,
  formatProblem,
  isProxyInput,
  parseCluster,
  parseLab,
  parseLayers,
  parseProxy,
  type Problem,
} from "../../../infra/spec/index.js";
import { certificate } from "../plan/proxy-variants.js";

const folder = join(__dirname, "../../../stacks");

/** Pulumi puts the clear text in the place of an encrypted value before the program sees it. */
function decrypted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(decrypted);
  const entries = Object.entries(value).map(([key, each]) => [key, decrypted(each)]);
  const all = Object.fromEntries(entries) as Record<string, unknown>;
  if (typeof all["secure"] === "string") return "1111";
  // Nor does this test know the key of the certificate.
  return all["privateKey"] === "1111" ? { ...all, ...certificate() } : all;
}

describe("the stack file of", () => {
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".yaml")))
    test(`${name} has no problem, and says which case it is`, () => {
      const text = readFileSync(join(folder, name), "utf8");
      assert.match(text, /^# Case \d+: /);
      const { config } = decrypted(parse(text)) as { config: Record<string, unknown> };
      const lab = parseLab(config["lvs:lab"]);
      assert.ok("lab" in lab);
      const cluster = config["lvs:cluster"];
      const results: object[] =
        cluster === undefined ? [] : [isProxyInput(cluster) ? parseProxy(cluster) : parseCluster(cluster)];
      const layers = config["lvs:layers"] === undefined ? [] : [parseLayers(config["lvs:layers"])];
      const found = [...results, ...layers].flatMap((result): object[] =>
        "layers" in result ? (result.layers as object[]) : [result],
      );
      assert.ok(found.length > 0);
      const problems = found.flatMap((result): Problem[] => {
        if ("problems" in result) return result.problems as Problem[];
        if ("proxy" in result) return checkProxyTogether(result.proxy as never, lab.lab);
        return checkTogether((result as { cluster: never }).cluster, lab.lab);
      });
      assert.deepEqual(problems.map(formatProblem), []);
    });
});
