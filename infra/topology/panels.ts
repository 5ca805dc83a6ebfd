import { segmentLook, stack, textRow } from "./boxes.js";
import { widthOf } from "./metrics.js";
import type { Topology } from "./model.js";
import { moved, type Block, type Shape } from "./shapes.js";

/** Room between two panels. */
const GAP = 40;
/** Rows after which a list goes on beside itself. */
const LONG = 8;
const SAMPLE = 44;

/** What the lines, the words and the colours mean, and the services: blocks below the picture, at most `width` wide. */
export function panels(topology: Topology, width: number): Block {
  const blocks = [
    titled("lines", lineSamples(topology)),
    titled("words", words(topology)),
    titled("segments", segments(topology)),
    titled("virtual services", services(topology)),
    titled("what does not arrive", topology.notes.length === 0 ? undefined : stack(topology.notes.map(plain))),
  ].flatMap((block) => block ?? []);
  const shapes: Shape[] = [];
  let [x, y, rowHeight, used] = [0, 0, 0, 0];
  for (const block of blocks) {
    if (x > 0 && x + block.width > width) {
      y += rowHeight + GAP / 2;
      x = rowHeight = 0;
    }
    shapes.push(...moved(block.shapes, { x, y }));
    used = Math.max(used, x + block.width);
    rowHeight = Math.max(rowHeight, block.height);
    x += block.width + GAP;
  }
  return { width: used, height: y + rowHeight, shapes };
}

function plain(text: string) {
  return textRow(text, "text", "ink");
}

function titled(title: string, body: Block | undefined): Block | undefined {
  if (body === undefined) return undefined;
  return {
    width: Math.max(body.width, widthOf(title, "group")),
    height: body.height + 24,
    shapes: [
      { shape: "label", x: 0, y: 14, text: title, font: "group", look: "quiet" },
      ...moved(body.shapes, { x: 0, y: 24 }),
    ],
  };
}

function lineSamples({ ways, columns }: Topology): Block {
  const kinds = [...new Set(ways.map(({ kind }) => kind))];
  const bond = columns.some(({ groups }) => groups.some((group) => group.bond !== undefined));
  const samples = [
    ...kinds.map((kind) => ({ look: `wire ${kind}`, arrow: true, text: kind })),
    ...(bond ? [{ look: "bond", arrow: false, text: "VRRP" }] : []),
  ];
  const shapes = samples.flatMap(({ look, arrow, text }, index): Shape[] => {
    const y = index * 20 + 9;
    const points = [
      { x: 0, y },
      { x: SAMPLE, y },
    ];
    return [
      { shape: "line", points, look, arrow },
      { shape: "label", x: SAMPLE + 10, y: y + 4, text, font: "text", look: "ink" },
    ];
  });
  const widest = Math.max(0, ...samples.map(({ text }) => widthOf(text, "text")));
  return { width: SAMPLE + 10 + widest, height: samples.length * 20, shapes };
}

function words({ words: known }: Topology): Block | undefined {
  const entries = Object.entries(known);
  if (entries.length === 0) return undefined;
  return stack(
    entries.map(([word, meaning]) => ({
      height: 20,
      parts: [
        { text: word, font: "packet", look: "ink" },
        { text: meaning, font: "text", look: "ink" },
      ],
    })),
  );
}

function segments({ segments: all }: Topology): Block | undefined {
  if (all.length === 0) return undefined;
  const names = all.map(({ name }) => name);
  return stack(
    all.map(({ name, subnets }) => ({
      height: 20,
      parts: [
        { text: name, font: "chip", look: "ink", chip: segmentLook(name, names) },
        { text: subnets.join(", "), font: "address", look: "ink" },
      ],
    })),
  );
}

function services({ services: all }: Topology): Block {
  const columns = Math.ceil(all.length / LONG);
  const each = Math.ceil(all.length / columns);
  const shapes: Shape[] = [];
  let [width, height] = [-GAP / 2, 0];
  for (let column = 0; column < columns; column++) {
    const rows = all.slice(column * each, (column + 1) * each);
    const block = stack(rows.map((text) => textRow(text, "address", "ink")));
    shapes.push(...moved(block.shapes, { x: width + GAP / 2, y: 0 }));
    width += GAP / 2 + block.width;
    height = Math.max(height, block.height);
  }
  return { width, height, shapes };
}
