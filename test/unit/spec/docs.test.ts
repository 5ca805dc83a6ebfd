import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import {
  checkTogether,
  clusterSchema,
  formatProblem,
  parseCluster,
  parseLab,
  parseLayers,
  parseProxy,
  SpecError,
  type Cluster,
} from "../../../infra/spec/index.js";
import { caseOne, changed, checked } from "./case-1.js";

const page = (name: string): string => readFileSync(join(__dirname, "../../../docs", name), "utf8");
const text = page("stack-file.md");
/** The stack files that a page shows. */
const examplesOf = (markdown: string) =>
  [...markdown.matchAll(/```yaml\n([^]*?)```/g)].map(([, yaml]) => parse(yaml!) as { config: Record<string, unknown> });

describe("the examples of docs/stack-file.md", () => {
  const examples = examplesOf(text);
  test("are there", () => assert.equal(examples.length, 2));
  for (const [index, { config }] of examples.entries()) {
    test(`number ${index + 1} has no problem`, () => {
      const cluster = clusterOf(config);
      const lab = config["lvs:lab"] === undefined ? undefined : parseLab(config["lvs:lab"]);
      assert.ok(lab === undefined || "lab" in lab);
      assert.deepEqual(checkTogether(cluster, lab?.lab).map(formatProblem), []);
    });
  }

  test("show the errors as they are", () => {
    const input = changed(caseOne().cluster, {
      set: {
        "/vrrp/virtualRouterId": 0,
        "/vrrp/authPass": "123456789",
        "/vrrp/advertInt": 1,
        "/directors/1/priority": 100,
      },
    });
    const parsed = parseCluster(input);
    assert.ok("problems" in parsed);
    assert.ok(text.includes(new SpecError(parsed.problems).message), new SpecError(parsed.problems).message);
  });
});

describe("docs/proxy.md", () => {
  const markdown = page("proxy.md");

  test("has examples without a problem", () => {
    const examples = examplesOf(markdown).flatMap(({ config }) => (config === undefined ? [] : [config]));
    assert.equal(examples.length, 2);
    const results = examples.map((config): object => {
      if (config["lvs:layers"] !== undefined) return parseLayers(config["lvs:layers"]);
      const cluster = config["lvs:cluster"] as { vrrp: { authPass: unknown } };
      cluster.vrrp.authPass = "1111";
      return parseProxy(cluster);
    });
    for (const result of results) assert.ok(!("problems" in result), JSON.stringify(result));
  });
});

describe("the examples of docs/forwarding.md", () => {
  const examples = examplesOf(page("forwarding.md"));
  for (const [index, { config }] of examples.entries())
    test(`number ${index + 1} has no problem`, () => assert.ok(clusterOf(config)));

  test("show each forwarding method, and a director without keepalived", () => {
    const clusters = examples.map(({ config }) => clusterOf(config));
    const { options } = clusterSchema.shape.forwarding;
    const shown: (string | number)[] = clusters.map(({ forwarding }) => forwarding);
    assert.deepEqual(
      options.filter((method) => !shown.includes(method)),
      [],
    );
    assert.ok(clusters.some(({ vrrp }) => vrrp === undefined));
  });
});

/** The cluster of an example; its problems are thrown. */
function clusterOf(config: Record<string, unknown>): Cluster {
  const cluster = structuredClone(config["lvs:cluster"]) as { vrrp?: { authPass?: unknown } };
  // Pulumi puts the clear text in the place of an encrypted value before the program sees it.
  if (cluster.vrrp?.authPass !== undefined) cluster.vrrp.authPass = "1111";
  return checked(cluster);
}
