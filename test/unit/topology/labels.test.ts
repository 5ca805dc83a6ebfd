import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { draw } from "../../../infra/topology/draw.js";
import { labStacks, otherStacks } from "./stacks.js";
import { inside, meet, readSvg, type Edges, type Read } from "./svg.js";

/** What is wrong with the labels of a picture. */
function faults({ canvas, boxes, texts, parts }: Read): string[] {
  const found: string[] = [];
  texts.forEach((a, index) => {
    for (const b of texts.slice(index + 1)) if (meet(a, b)) found.push(`"${a.text}" lies over "${b.text}"`);
    if (!inside(a, canvas)) found.push(`"${a.text}" leaves the canvas`);
    const home = homeOf(a, boxes);
    if (home && !inside(a, home)) found.push(`"${a.text}" leaves its box (${home.look})`);
    for (const part of parts) if (meet(a, part) && !isOnWay(home)) found.push(`a line goes through "${a.text}"`);
  });
  const labels = boxes.filter(({ look }) => look.startsWith("way "));
  labels.forEach((a, index) => {
    for (const b of labels.slice(index + 1)) if (meet(a, b)) found.push(`two labels of ways lie over each other`);
    for (const b of boxes) if (b.look === "group" && meet(a, b)) found.push(`a label of a way lies over a group`);
    if (parts.filter((part) => meet(part, a)).length !== 1) found.push(`other than one line goes through a label`);
  });
  return found;
}

/** The smallest box that a text begins in. */
function homeOf(text: Edges, boxes: Read["boxes"]): Read["boxes"][number] | undefined {
  const middle = (text.top + text.bottom) / 2;
  const point = { left: text.left + 1, right: text.left + 2, top: middle, bottom: middle + 1 };
  const size = (box: Edges) => (box.right - box.left) * (box.bottom - box.top);
  return boxes.filter((box) => inside(point, box)).sort((a, b) => size(a) - size(b))[0];
}

/** What is drawn over a way, on purpose: its label, and the number in it. */
function isOnWay(box: Read["boxes"][number] | undefined): boolean {
  return box !== undefined && /^(way|badge) /.test(box.look);
}

describe("the labels of a picture", () => {
  for (const [stack, text] of Object.entries({ ...labStacks, ...otherStacks }))
    test(`of ${stack} lie apart, in their boxes and on the canvas, and lines cross their own alone`, async () => {
      const read = readSvg(await draw(stack, text, "svg"));
      assert.ok(read.texts.length > 20 && read.parts.length > 3 && read.boxes.length > 10, "the picture was not read");
      assert.deepEqual(faults(read), []);
    });

  test("are found when they overlap, leave their box or the canvas, or lie on a line", async () => {
    const svg = await draw("lab-dr", labStacks["lab-dr"]!, "svg");
    const longer = (from: string, to: string) => faults(readSvg(svg.replace(`>${from}<`, `>${to}<`))).join("\n");
    assert.match(longer("director-a", "director-a-with-a-longer-name"), /lies over "master 100"/);
    assert.match(longer("192.168.184.11/24", "2001:db8:1234:5678:9abc:def0:1234:5678/128"), /leaves its box \(host\)/);
    assert.match(longer("tcp 192.168.184.100:80 rr", "tcp ".repeat(40)), /leaves the canvas/);
    assert.match(longer("VRRP 51, 1 s", "VRRP 51 ".repeat(40)), /a line goes through/);
  });
});
