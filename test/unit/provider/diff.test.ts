import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { differences } from "../../../infra/provider/diff.js";
import { unknown, type Properties } from "../../../infra/provider/values.js";

/** `+path`, `-path` and `~path`. */
const lines = (have: Properties, want: Properties, ignored: string[] = []) =>
  differences(have, want, ignored).map(({ path, kind }) => `${{ add: "+", delete: "-", update: "~" }[kind]}${path}`);

const page = (content: string) => ({ content, mode: "0644" });

describe("differences", () => {
  const table: [string, Properties, Properties, string[]][] = [
    ["are none between equal maps", { a: { b: [1, { c: null }] } }, { a: { b: [1, { c: null }] } }, []],
    ["do not depend on the order of keys", { a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }, []],
    [
      "are named by the property that moved",
      { files: { f: page("1") } },
      { files: { f: page("2") } },
      ["~files.f.content"],
    ],
    [
      "quote keys that are no plain words",
      { files: { "/etc/x": page("1") }, sysctls: { "net.ipv4.ip_forward": "0" }, "1st": 1 },
      { files: { "/etc/x": page("2") }, sysctls: { "net.ipv4.ip_forward": "1" }, "1st": 1 },
      ['~files["/etc/x"].content', '~sysctls["net.ipv4.ip_forward"]'],
    ],
    ["escape quotes in keys", { m: { 'say "hi"': 1 } }, { m: { 'say "hi"': 2 } }, ['~m["say \\"hi\\""]']],
    [
      "tell entries of a map that come and go",
      { files: { "/a": page("1"), "/b": page("1") } },
      { files: { "/b": page("1"), "/c": page("1") } },
      ['-files["/a"]', '+files["/c"]'],
    ],
    ["tell a whole section that comes or goes", { a: { b: 1 } }, { c: { d: 1 } }, ["-a", "+c"]],
    ["see a list as one value", { vips: ["a", "b"] }, { vips: ["b", "a"] }, ["~vips"]],
    [
      "tell zero, false, empty and nothing apart",
      { a: 0, b: false, c: "", d: null },
      { a: false, b: 0, c: null, d: "" },
      ["~a", "~b", "~c", "~d"],
    ],
    ["see that a text became a map", { a: "x" }, { a: { b: "x" } }, ["~a"]],
    ["see that a map became a list", { a: {} }, { a: [] }, ["~a"]],
    [
      "count what is not known yet, wherever it is",
      { a: "x", b: [1], c: { d: 1, e: 1 } },
      { a: unknown, b: [unknown], c: { d: unknown, e: 1 } },
      ["~a", "~b", "~c.d"],
    ],
    ["count an unknown entry that is new", { a: {} }, { a: { b: unknown } }, ["+a.b"]],
  ];
  for (const [title, have, want, expected] of table)
    test(title, () => {
      assert.deepEqual(lines(have, want), expected);
    });

  test("ignore properties that say nothing of the thing itself", () => {
    assert.deepEqual(lines({ root: "/a", stack: "x" }, { root: "/b", stack: "y" }, ["root"]), ["~stack"]);
  });
  test("ignore them at the top only", () => {
    assert.deepEqual(lines({ a: { root: 1 } }, { a: { root: 2 } }, ["root"]), ["~a.root"]);
  });
});

test("a list of maps with keys in another order is no difference", () => {
  assert.deepEqual(lines({ l: [{ a: 1, b: 2 }] }, { l: [{ b: 2, a: 1 }] }), []);
});
