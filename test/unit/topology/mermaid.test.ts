import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { draw } from "../../../infra/topology/draw.js";
import { readStackFile } from "../../../infra/topology/stack-file.js";
import { topologyOf } from "../../../infra/topology/topology.js";
import { labStacks, otherStacks } from "./stacks.js";

const stacks = { ...labStacks, ...otherStacks };
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found]) => found!);

describe("the Mermaid text", () => {
  for (const [stack, file] of Object.entries(stacks))
    test(`of ${stack} has every host, address and way, and a colour for every line`, async () => {
      const text = await draw(stack, file, "mermaid");
      const { columns, ways } = topologyOf(stack, readStackFile(file));
      const hosts = columns.flatMap(({ groups }) => groups.flatMap((group) => group.hosts));
      assert.deepEqual(
        matches(text, /<b>(.*?)<\/b>/g),
        hosts.map(({ name }) => name),
      );
      for (const { plugs } of hosts)
        for (const { addresses } of plugs) for (const { text: address } of addresses) assert.ok(text.includes(address));
      const lines = matches(text, /^ {2}g\d+h\d+ (-\.|--) ".*" -?\.?-?-> g\d+h\d+$/gm);
      assert.equal(
        lines.length,
        ways.reduce((sum, { from, to }) => sum + from.hosts.length * to.hosts.length, 0),
      );
      const styled = matches(text, /^ {2}linkStyle ([\d,]+) /gm).flatMap((list) => list.split(",").map(Number));
      assert.deepEqual(
        styled.sort((a, b) => a - b),
        lines.map((_, index) => index),
      );
      const dashed = /linkStyle ([\d,]+) [^\n]*dasharray/.exec(text)?.[1]?.split(",").map(Number);
      assert.deepEqual(
        dashed,
        lines.flatMap((line, index) => (line === "-." ? [index] : [])),
      );
    });

  test("names ids that it declares, and no other", async () => {
    const text = await draw("lab-tun", labStacks["lab-tun"]!, "mermaid");
    const declared = new Set(matches(text, /^ {4}(g\d+h\d+)\[/gm));
    const used = matches(text, /(?:^ {2}|> )(g\d+h\d+)(?: |$)/gm);
    assert.ok(used.length > 10);
    assert.deepEqual(
      used.filter((id) => !declared.has(id)),
      [],
    );
  });
});
