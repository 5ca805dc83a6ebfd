import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse, stringify } from "yaml";
import { draw } from "../../../infra/topology/draw.js";
import { pageFiles } from "../../../infra/topology/page.js";
import { labStacks, otherStacks } from "./stacks.js";

const docs = join(__dirname, "../../../docs");

describe("docs/topologies.md", () => {
  test("and its pictures are what the command makes of the stacks, byte for byte", async () => {
    const files = await pageFiles(labStacks);
    assert.equal(Object.keys(files).length, Object.keys(labStacks).length + 1);
    for (const [path, text] of Object.entries(files))
      assert.ok(
        readFileSync(join(docs, path)).equals(Buffer.from(text)),
        `${path} is not as the stacks are. Run npm run -s topology -- --all.`,
      );
  });

  test("has a picture of every stack, and none of a stack that is gone", () => {
    assert.deepEqual(
      readdirSync(join(docs, "topologies")).sort(),
      Object.keys(labStacks)
        .map((stack) => `${stack}.svg`)
        .sort(),
    );
  });
});

describe("a picture", () => {
  for (const [stack, text] of Object.entries({ ...labStacks, ...otherStacks }))
    test(`of ${stack} does not depend on the order of keys and lists in its file, nor on what was drawn before`, async () => {
      const once = await draw(stack, text, "svg");
      assert.ok((await draw(stack, text, "svg")) === once, "drawn a second time");
      assert.ok((await draw(stack, reordered(text), "svg")) === once, "with its lists turned round");
      assert.ok((await draw(stack, reordered(text), "mermaid")) === (await draw(stack, text, "mermaid")), "as Mermaid");
    });

  test("shows nothing of a secret, nor that it stands in for one", async () => {
    for (const stack of ["lab-dr", "lab-nginx"])
      for (const format of ["svg", "mermaid"] as const)
        assert.doesNotMatch(await draw(stack, labStacks[stack]!, format), /secret|secure|v1:|BEGIN/i);
  });

  test("of a file with a mistake is refused in the words of the preview", async () => {
    const wrong = labStacks["lab-dr"]!.replace("scheduler: rr", "scheduler: rx");
    await assert.rejects(draw("lab-dr", wrong, "svg"), /cluster\.services\[0\]\.scheduler: /);
    await assert.rejects(draw("empty", "config: {}\n", "svg"), /lvs:cluster: a cluster to draw, got nothing/);
  });
});

/** The same stack with hosts, machines and keys of a host the other way round. */
function reordered(text: string): string {
  const file = parse(text);
  const turned = (value: any) => Object.fromEntries(Object.entries(value).reverse());
  const cluster = file.config["lvs:cluster"];
  if (cluster === undefined) {
    const layers = Object.entries(file.config["lvs:layers"]).map(([name, layer]) => [name, turned(layer)]);
    return stringify({ ...file, config: { ...file.config, "lvs:layers": Object.fromEntries(layers.reverse()) } });
  }
  for (const role of ["directors", "realServers", "routers", "vips", "services"])
    if (cluster[role]) cluster[role] = cluster[role].map(turned).reverse();
  const lab = file.config["lvs:lab"];
  if (lab) lab.machines = turned(lab.machines);
  return stringify({ ...file, config: { "lvs:cluster": turned(cluster), ...(lab && { "lvs:lab": lab }) } });
}
