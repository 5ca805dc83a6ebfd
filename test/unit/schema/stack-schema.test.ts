import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { sections } from "../../../infra/schema/sections.js";
import { parseCluster } from "../../../infra/spec/index.js";
import { isWrapper, noteOf } from "../../../infra/spec/note.js";
import { formatProblem } from "../../../infra/spec/problem.js";
import { caseOne, changed } from "../spec/case-1.js";
import { badFiles, saysTheSame } from "./cases.js";
import { complaintsOf } from "./complaints.js";

const root = join(__dirname, "../../..");

describe("the JSON Schema says of single fields what the preview says, where it says it:", () => {
  for (const { title, stackFile, ofFields } of badFiles.filter(({ ofFields }) => ofFields.length > 0))
    test(title, () => {
      const said = complaintsOf(stackFile);
      const unsaid = ofFields.filter((problem) => !said.some((each) => saysTheSame(each, problem)));
      assert.deepEqual(unsaid.map(formatProblem), [], JSON.stringify(said, null, 1));
      const more = said.filter((each) => !ofFields.some((problem) => saysTheSame(each, problem)));
      assert.deepEqual(more, [], "the preview says no such thing");
    });
});

const listed = JSON.parse(readFileSync(join(root, "test/cases/schema/unsaid.json"), "utf8")) as {
  acrossFields: string[];
  ofOneField: string[];
};

describe("rules that are the preview's alone", () => {
  const unsaid = badFiles.flatMap(({ stackFile, problems }) => {
    const said = complaintsOf(stackFile);
    return problems.filter((problem) => !said.some((each) => saysTheSame(each, problem)));
  });
  const said = new Set(badFiles.flatMap(({ ofFields }) => ofFields.map(({ rule }) => rule)));

  test("across fields are those of test/cases/schema/unsaid.json, and no others", () => {
    const rules = [...new Set(unsaid.map(({ rule }) => rule))].sort();
    if (process.env["UPDATE_CASES"] === "1") {
      const text = `${JSON.stringify({ ...listed, acrossFields: rules }, null, 2)}\n`;
      writeFileSync(join(root, "test/cases/schema/unsaid.json"), text);
    } else assert.deepEqual(rules, listed.acrossFields);
  });

  test("are said of no single field", () => {
    assert.deepEqual(
      listed.acrossFields.filter((rule) => said.has(rule)),
      [],
    );
  });

  test("and are of one field are those that a note says", () => {
    assert.deepEqual([...notSaid(Object.values(sections))].sort(), listed.ofOneField);
  });

  test("are not said of a file of more than 1 MiB, which the preview refuses", () => {
    const files = (content: string) =>
      changed(caseOne().cluster, { set: { "/routers": [{ ...router, files: { "/a": content } }] } });
    const router = { name: "r", address: "192.168.184.9", interface: "eth0" };
    const [small, large] = ["é".repeat(2 ** 19), "é".repeat(2 ** 19 + 1)].map(files);
    assert.deepEqual(complaintsOf({ config: { "lvs:cluster": large } }), []);
    assert.ok("cluster" in parseCluster(small));
    const result = parseCluster(large);
    assert.deepEqual("problems" in result && result.problems.map(({ rule }) => rule), listed.ofOneField);
  });

  for (const { title, stackFile, ofFields, acrossFields } of badFiles.filter(
    ({ acrossFields }) => acrossFields.length > 0,
  ))
    test(title, (context) => {
      for (const problem of acrossFields) context.diagnostic(formatProblem(problem));
      assert.equal(complaintsOf(stackFile).length, ofFields.length);
    });
});

/** What the notes of these schemas, and of all in them, say to be the preview's alone. */
function notSaid(schemas: readonly z.core.$ZodType[], seen = new Set<z.core.$ZodType>()): Set<string> {
  const found = schemas.flatMap((schema) => {
    if (seen.has(schema)) return [];
    seen.add(schema);
    const { unsaid = [], choice, fields } = noteOf(schema);
    return [
      ...unsaid,
      ...notSaid([...inside(schema), ...(choice ? [choice.then, choice.else] : []), ...(fields ? [fields] : [])], seen),
    ];
  });
  return new Set(found);
}

function inside(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (isWrapper(schema)) return [schema.unwrap()];
  if (schema instanceof z.ZodObject) return Object.values(schema.shape);
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodRecord) return [schema.keyType, schema.valueType];
  return schema instanceof z.ZodUnion ? [...schema.options] : [];
}

describe("the JSON Schema takes", () => {
  const folder = join(root, "stacks");
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".yaml")))
    test(name, () => assert.deepEqual(complaintsOf(parse(readFileSync(join(folder, name), "utf8"))), []));

  for (const page of ["stack-file.md", "proxy.md", "forwarding.md", "real-stack.md", "lab.md"])
    test(`the examples of docs/${page}`, () => {
      const text = readFileSync(join(root, "docs", page), "utf8");
      for (const [, yaml] of text.matchAll(/```yaml\n([^]*?)```/g)) {
        const example = parse(yaml!) as { config?: unknown };
        if (example.config !== undefined) assert.deepEqual(complaintsOf(example), []);
      }
    });

  test("secrets as Pulumi encrypts them, and the encrypted text of a file", () => {
    const secret = { secure: "v1:aaaa:bbbb" };
    const set = {
      "/vrrp/authPass": secret,
      "/realServers/0/connection": { host: "192.0.2.1", privateKey: secret, proxy: { host: "x", password: secret } },
      "/realServers/0/files": { "/etc/a": secret, "/etc/b": { content: secret, mode: "0600" } },
    };
    assert.deepEqual(complaintsOf({ config: { "lvs:cluster": changed(caseOne().cluster, { set }) } }), []);
  });

  test("keys of others, and what Pulumi itself keeps in the file", () => {
    assert.deepEqual(complaintsOf({ encryptionsalt: "v1:x", config: { "pulumi:tags": {}, "other:key": 1 } }), []);
  });
});

test("nothing but a text is taken for a secret that is encrypted", () => {
  const stackFile = {
    config: { "lvs:cluster": changed(caseOne().cluster, { set: { "/vrrp/authPass": { secure: 1 } } }) },
  };
  assert.notDeepEqual(complaintsOf(stackFile), []);
});
