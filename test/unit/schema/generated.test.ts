import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";
import { generated, templates } from "../../../infra/schema/generated.js";
import { stackFileSchema } from "../../../infra/schema/json-schema.js";
import { reference } from "../../../infra/schema/reference.js";
import { parts, sections } from "../../../infra/schema/sections.js";
import { say } from "../../../infra/spec/problem.js";

const root = join(__dirname, "../../..");
const page = "page.md";
/** A page of its own, of fields of its own. */
const pageOf = (text: string, sections: Record<string, z.ZodObject>): string => {
  const parts = Object.fromEntries(Object.entries(sections).map(([name, object]) => [name, [object]]));
  return reference([{ page, source: "x", text }], sections, parts)[page]!;
};

test("npm run schema would change nothing", async () => {
  const files = await generated();
  assert.equal(files.length, 3);
  for (const { path, text } of files)
    assert.ok(text === readFileSync(join(root, path), "utf8"), `${path} is out of date: npm run schema`);
});

describe("the reference", () => {
  for (const { page, text } of templates)
    for (const [line] of text.matchAll(/^\{\{fields .*\}\}$/gm))
      test(`is refused without ${line} of ${page}`, () => {
        const less = templates.map((each) =>
          each.page === page ? { ...each, text: text.replace(`${line}\n`, "") } : each,
        );
        assert.throws(() => reference(less, sections, parts), /is in no table/);
      });

  test("is refused with a table of something that is not there", () => {
    assert.throws(() => pageOf("{{fields x.nothing}}", { x: z.strictObject({}) }), /x\.nothing, which is no object/);
  });

  test("is refused with a field that has no meaning", () => {
    const bare = z.strictObject({ port: z.boolean() });
    assert.throws(() => pageOf("{{fields bare}}", { bare }), /bare\.port has no meaning/);
  });

  test("has for a field its value, its default and what it becomes", () => {
    const wire = z.strictObject({ mtu: z.int(say("a whole number of bytes", "x")).default(1500) });
    const described = z.strictObject({ mtu: wire.shape.mtu.meta({ description: "MTU.", becomes: "`mtu`" }) });
    const text = pageOf("# wire\n{{fields wire}}", { wire: described });
    assert.match(text, /\| `mtu` \| MTU\. \| a whole number of bytes \| `1500` \| `mtu` \|/);
  });
});

describe("the JSON Schema is refused", () => {
  const text = say("a text", "Write it.");
  const refused = (field: z.ZodType, message: RegExp) =>
    assert.throws(() => stackFileSchema({ x: z.strictObject({ field }) }), message);

  test("for a rule that is a function without keywords", () => {
    refused(
      z.string(text).refine(() => true, text),
      /custom is not known to the JSON Schema: give it keywords/,
    );
  });
  test("for a rule without words of its own", () => refused(z.string(text).min(1), /no words of its own/));
  test("for a pattern with flags that JSON Schema does not have", () => {
    refused(z.string(text).regex(/a/i, text), /string_format is not known/);
  });
  test("for alternatives that are not told apart", () => {
    refused(z.union([z.string(text), z.string(text)], text), /x\.field has alternatives/);
  });
  test("for a second function beside the keywords of the first", () => {
    const both = z
      .string(text)
      .refine(() => true, text)
      .refine(() => true, text);
    refused(both.meta({ unsaid: ["a text"] }), /custom is not known to the JSON Schema/);
  });
  test("for two objects of one name", () => {
    const [a, b] = [0, 1].map(() => z.strictObject({}).meta({ name: "same" }));
    assert.throws(() => stackFileSchema({ a: a!, b: b! }), /two objects are called same/);
  });
  test("for a type that it does not know", () => refused(z.date(text), /type date is not known/));
});
