import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import {
  checkTogether,
  clusterSchema,
  connectionSchema,
  formatProblem,
  labSchema,
  parseCluster,
  parseLab,
  SpecError,
} from "../../../infra/spec/index.js";
import { caseOne, changed } from "./case-1.js";

const text = readFileSync(join(__dirname, "../../../docs/stack-file.md"), "utf8");

/** First cells of the tables below each heading. */
const documented = Object.fromEntries(
  text.split(/^#+ /m).map((section) => {
    const [heading = "", ...lines] = section.split("\n");
    return [heading, lines.flatMap((line) => /^\| `(\w+)` +\|/.exec(line)?.[1] ?? [])];
  }),
);

const objects = (schema: unknown): z.ZodObject[] => {
  if (schema instanceof z.ZodObject) return [schema];
  if (schema instanceof z.ZodArray) return objects(schema.element);
  if (schema instanceof z.ZodRecord) return objects(schema.valueType);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(objects);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return objects(schema.unwrap());
  return [];
};

/** Fields of the object, or of the alternatives, at a path through the schema. */
function fields(schema: unknown, ...path: string[]): string[] {
  const [key, ...rest] = path;
  if (key !== undefined) return fields(objects(schema)[0]!.shape[key], ...rest);
  return [...new Set(objects(schema).flatMap((object) => Object.keys(object.shape)))];
}

describe("docs/stack-file.md has every field, and no other, of", () => {
  const host = fields(clusterSchema, "realServers").filter((field) => field !== "weight");
  const beyondHost = (list: string) => fields(clusterSchema, list).filter((field) => !host.includes(field));
  const expected: Record<string, string[]> = {
    cluster: fields(clusterSchema),
    "cluster.vips[]": fields(clusterSchema, "vips"),
    "cluster.vrrp": fields(clusterSchema, "vrrp"),
    "cluster.directors[]": beyondHost("directors"),
    "cluster.realServers[]": beyondHost("realServers"),
    "Every host": host,
    files: fields(clusterSchema, "realServers", "files"),
    units: fields(clusterSchema, "realServers", "units"),
    addresses: fields(clusterSchema, "realServers", "addresses"),
    routes: fields(clusterSchema, "realServers", "routes"),
    connection: fields(connectionSchema),
    "cluster.services[]": fields(clusterSchema, "services"),
    "cluster.services[].persistence": fields(clusterSchema, "services", "persistence"),
    "cluster.services[].realServers[]": fields(clusterSchema, "services", "realServers"),
    "cluster.services[].check": fields(clusterSchema, "services", "check"),
    "cluster.verification": fields(clusterSchema, "verification"),
    lab: fields(labSchema),
    "lab.segments": fields(labSchema, "segments"),
    "lab.machines": fields(labSchema, "machines"),
    "lab.machines.interfaces": fields(labSchema, "machines", "interfaces"),
  };
  for (const [heading, names] of Object.entries(expected)) {
    test(heading, () => {
      assert.notEqual(names.length, 0);
      assert.deepEqual([...(documented[heading] ?? [])].sort(), [...names].sort());
    });
  }
});

describe("the examples of docs/stack-file.md", () => {
  const examples = [...text.matchAll(/```yaml\n([^]*?)```/g)].map(
    ([, yaml]) => parse(yaml!) as { config: Record<string, unknown> },
  );
  test("are there", () => assert.equal(examples.length, 2));
  for (const [index, { config }] of examples.entries()) {
    test(`number ${index + 1} has no problem`, () => {
      const cluster = structuredClone(config["lvs:cluster"]) as { vrrp: { authPass?: unknown } };
      // Pulumi puts the clear text in the place of an encrypted value before the program sees it.
      if (cluster.vrrp.authPass !== undefined) cluster.vrrp.authPass = "1111";
      const parsed = parseCluster(cluster);
      if ("problems" in parsed) throw new SpecError(parsed.problems);
      const lab = config["lvs:lab"] === undefined ? undefined : parseLab(config["lvs:lab"]);
      assert.ok(lab === undefined || "lab" in lab);
      assert.deepEqual(checkTogether(parsed.cluster, lab?.lab).map(formatProblem), []);
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
