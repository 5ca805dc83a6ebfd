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
  parseLayers,
  parseProxy,
  proxySchema,
  SpecError,
  type Cluster,
} from "../../../infra/spec/index.js";
import { caseOne, changed, checked } from "./case-1.js";

const page = (name: string): string => readFileSync(join(__dirname, "../../../docs", name), "utf8");
const text = page("stack-file.md");
/** The stack files that a page shows. */
const examplesOf = (markdown: string) =>
  [...markdown.matchAll(/```yaml\n([^]*?)```/g)].map(([, yaml]) => parse(yaml!) as { config: Record<string, unknown> });

/** First cells of the tables below each heading. */
const cellsOf = (markdown: string): Record<string, string[]> =>
  Object.fromEntries(
    markdown.split(/^#+ /m).map((section) => {
      const [heading = "", ...lines] = section.split("\n");
      return [heading, lines.flatMap((line) => /^\| `(\w+)` +\|/.exec(line)?.[1] ?? [])];
    }),
  );
const documented = cellsOf(text);

const objects = (schema: unknown): z.ZodObject[] => {
  if (schema instanceof z.ZodObject) return [schema];
  if (schema instanceof z.ZodArray) return objects(schema.element);
  if (schema instanceof z.ZodRecord) return objects(schema.valueType);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(objects);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return objects(schema.unwrap());
  return [];
};

function fieldOf(schema: unknown, ...path: string[]): unknown {
  const [key, ...rest] = path;
  return key === undefined ? schema : fieldOf(objects(schema)[0]!.shape[key], ...rest);
}

/** Fields of the object, or of the alternatives, at a path through the schema. */
function fields(schema: unknown, ...path: string[]): string[] {
  return [...new Set(objects(fieldOf(schema, ...path)).flatMap((object) => Object.keys(object.shape)))];
}

const checks = objects(fieldOf(clusterSchema, "services", "check"));
const typeOf = (each: z.ZodObject): string => String((each.shape["type"] as z.ZodLiteral).value);

describe("docs/stack-file.md has every field, and no other, of", () => {
  const host = fields(clusterSchema, "routers");
  const beyondHost = (list: string) => fields(clusterSchema, list).filter((field) => !host.includes(field));
  const expected: Record<string, string[]> = {
    cluster: fields(clusterSchema),
    "cluster.vips[]": fields(clusterSchema, "vips"),
    "cluster.dip": fields(clusterSchema, "dip"),
    "cluster.lips": fields(clusterSchema, "lips"),
    "cluster.tunnel": fields(clusterSchema, "tunnel"),
    "cluster.ipvs": fields(clusterSchema, "ipvs"),
    "cluster.metrics": fields(clusterSchema, "metrics"),
    "cluster.vrrp": fields(clusterSchema, "vrrp"),
    "cluster.vrrp.instances[]": fields(clusterSchema, "vrrp", "instances"),
    "cluster.vrrp.connectionSync": fields(clusterSchema, "vrrp", "connectionSync"),
    "cluster.vrrp.trackScripts[]": fields(clusterSchema, "vrrp", "trackScripts"),
    "cluster.vrrp.virtualRoutes[]": fields(clusterSchema, "vrrp", "virtualRoutes"),
    "cluster.vrrp.garp": fields(clusterSchema, "vrrp", "garp"),
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
    "cluster.services[].sorryServer": fields(clusterSchema, "services", "sorryServer"),
    "cluster.services[].realServers[]": fields(clusterSchema, "services", "realServers"),
    "cluster.services[].check": fields(clusterSchema, "services", "check"),
    "Types of check": checks.map(typeOf),
    "cluster.verification": fields(clusterSchema, "verification"),
    lab: fields(labSchema),
    "lab.segments": fields(labSchema, "segments"),
    "lab.machines": fields(labSchema, "machines"),
    "lab.machines.routes": fields(labSchema, "machines", "routes"),
    "lab.machines.interfaces": fields(labSchema, "machines", "interfaces"),
  };
  for (const [heading, names] of Object.entries(expected)) {
    test(heading, () => {
      assert.notEqual(names.length, 0);
      assert.deepEqual([...(documented[heading] ?? [])].sort(), [...names].sort());
    });
  }

  test("cluster.routers[], which are hosts and no more", () => {
    assert.deepEqual(documented["cluster.routers[]"], []);
    for (const list of ["directors", "realServers"])
      assert.deepEqual(
        host.filter((field) => !fields(clusterSchema, list).includes(field)),
        [],
      );
  });

  test("each type of check", () => {
    const types = checks.map(typeOf);
    const [section = ""] = text.split("### cluster.services[].check\n")[1]!.split("\n### ");
    const rows = [...section.matchAll(/^\| `(\w+)` +\| ((?:all|`)[^|]*?) +\|/gm)];
    assert.notEqual(rows.length, 0);
    for (const [, field, cell] of rows) {
      const named = [...cell!.matchAll(/`(\w+)`/g)].map(([, type]) => type!);
      const said = cell!.startsWith("all") ? types.filter((type) => !named.includes(type)) : named;
      const having = checks.filter((each) => field! in each.shape).map(typeOf);
      assert.deepEqual([...said].sort(), [...having].sort(), field);
    }
  });
});

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
  const cells = cellsOf(markdown);
  const expected: Record<string, string[]> = {
    "The cluster": fields(proxySchema),
    "A service": fields(proxySchema, "services"),
    TLS: fields(proxySchema, "services", "tls"),
  };
  for (const [heading, names] of Object.entries(expected))
    test(`has every field of "${heading}", and no other`, () => {
      assert.notEqual(names.length, 0);
      assert.deepEqual([...(cells[heading] ?? [])].sort(), [...names].sort());
    });

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
    const { options } = fieldOf(clusterSchema, "forwarding") as z.ZodEnum;
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
