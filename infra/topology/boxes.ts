import { widthOf } from "./metrics.js";
import type { Group, HostView, Plug, Way } from "./model.js";
import { moved, type Block, type Font, type Shape } from "./shapes.js";

/** Room between the border of a box and what is in it, in pixels. */
const PAD = 12;
/** Room between two hosts of a group, without and with a bond between them. */
const GAP = 14;
const BOND_GAP = 34;
/** Height of a group's title. */
export const HEAD = 26;

/** One line of a box: texts and chips from the left, `end` at the right border. */
interface Row {
  height: number;
  parts: Part[];
  end?: Part;
}

interface Part {
  text: string;
  font: Font;
  look: string;
  /** Class of the box around the text; none for a mere text. */
  chip?: string;
}

const CHIP_PAD = 5;
const SPACE = 6;

function partWidth({ text, font, chip }: Part): number {
  return widthOf(text, font) + (chip === undefined ? 0 : 2 * CHIP_PAD);
}

function rowWidth({ parts, end }: Row): number {
  const all = end === undefined ? parts : [...parts, end];
  return all.reduce((sum, part) => sum + partWidth(part) + SPACE, -SPACE) + (end === undefined ? 0 : 2 * SPACE);
}

function partShapes(part: Part, x: number, baseline: number): Shape[] {
  const { text, font, look, chip } = part;
  if (chip === undefined) return [{ shape: "label", x, y: baseline, text, font, look }];
  const width = partWidth(part);
  return [
    { shape: "box", x, y: baseline - 11.5, width, height: 15, look: chip },
    { shape: "label", x: x + width / 2, y: baseline, text, font, look, anchor: "middle" },
  ];
}

/** Rows one below the other, as wide as the widest or as is asked for. */
export function stack(rows: readonly Row[], least = 0): Block {
  const width = Math.max(least, ...rows.map(rowWidth));
  const shapes: Shape[] = [];
  let y = 0;
  for (const { height, parts, end } of rows) {
    const baseline = y + Math.round(height / 2) + 4.5;
    let x = 0;
    for (const part of parts) {
      shapes.push(...partShapes(part, x, baseline));
      x += partWidth(part) + SPACE;
    }
    if (end !== undefined) shapes.push(...partShapes(end, width - partWidth(end), baseline));
    y += height;
  }
  return { width, height: y, shapes };
}

/** A row of one text. */
export function textRow(text: string, font: Font, look: string, height = 18): Row {
  return { height, parts: [{ text, font, look }] };
}

function plugRows({ name, segment, addresses }: Plug, segments: readonly string[]): Row[] {
  const chip = segment === undefined ? undefined : segmentLook(segment, segments);
  return [
    {
      height: 20,
      parts: [
        { text: name, font: "text", look: "quiet" },
        ...(segment !== undefined && chip !== undefined
          ? [{ text: segment, font: "chip" as const, look: "ink", chip }]
          : []),
      ],
    },
    ...addresses.map(({ tag, text }): Row => ({
      height: 18,
      parts: [
        ...(tag === undefined
          ? []
          : [{ text: tag, font: "tag" as const, look: "onTag", chip: `tag ${tag.toLowerCase()}` }]),
        { text, font: "address", look: "ink" },
      ],
    })),
  ];
}

/** The class of a segment's chips: its place in the list of segments gives the colour. */
export function segmentLook(name: string, segments: readonly string[]): string {
  return `chip chip${segments.indexOf(name) % 6}`;
}

function hostRows(host: HostView, segments: readonly string[]): Row[] {
  return [
    {
      height: 26,
      parts: [{ text: host.name, font: "host", look: "ink" }],
      ...(host.remark !== undefined && { end: { text: host.remark, font: "text", look: "quiet" } as const }),
    },
    ...host.plugs.flatMap((plug) => plugRows(plug, segments)),
    ...host.lines.map((line) => textRow(line, "text", "quiet", 20)),
  ];
}

/** A group with its hosts, and where in it they are, by name; nothing of that where they stand side by side. */
export interface GroupBlock extends Block {
  places: Record<string, { top: number; height: number }>;
}

/** Hosts below each other before a group gets a further column, and the most columns it gets. */
const TALL = 5;
const COLUMNS = 4;

/** A group as a box: its title, its hosts below each other, and what binds them. */
export function groupBlock(group: Group, segments: readonly string[]): GroupBlock {
  const { hosts, bond } = group;
  const bodies = hosts.map((host) => hostRows(host, segments));
  const bondWidth = bond === undefined ? 0 : 14 + SPACE + widthOf(bond, "text");
  const least = Math.max(widthOf(group.title, "group"), bondWidth) - 2 * PAD;
  const inner = Math.max(least, ...bodies.map((rows) => stack(rows).width));
  const columns = bond === undefined ? Math.min(COLUMNS, Math.ceil(hosts.length / TALL)) : 1;
  const gap = bond === undefined ? GAP : BOND_GAP;
  const places: GroupBlock["places"] = {};
  const shapes: Shape[] = [];
  let y = HEAD;
  for (let first = 0; first < hosts.length; first += columns) {
    if (first > 0) {
      if (bond !== undefined) shapes.push(...bondShapes(bond, y, gap, first === 1));
      y += gap;
    }
    const row = bodies.slice(first, first + columns).map((rows) => stack(rows, inner));
    const height = Math.max(...row.map((body) => body.height)) + PAD;
    row.forEach((body, index) => {
      const x = PAD + index * (inner + 2 * PAD + GAP);
      if (columns === 1) places[hosts[first]!.name] = { top: y, height };
      shapes.push({ shape: "box", x, y, width: inner + 2 * PAD, height, look: "host" });
      shapes.push(...moved(body.shapes, { x: x + PAD, y: y + PAD / 3 }));
    });
    y += height;
  }
  const [width, height] = [columns * (inner + 2 * PAD + GAP) - GAP + 2 * PAD, y + PAD];
  return {
    width,
    height,
    places,
    shapes: [
      { shape: "box", x: 0, y: 0, width, height, look: "group" },
      { shape: "label", x: PAD, y: 18, text: group.title, font: "group", look: "quiet" },
      ...shapes,
    ],
  };
}

/** A line from one host to the next one, and beside it, once, what it is. */
function bondShapes(text: string, y: number, gap: number, named: boolean): Shape[] {
  const x = PAD + 14;
  return [
    {
      shape: "line",
      points: [
        { x, y },
        { x, y: y + gap },
      ],
      look: "bond",
    },
    ...(named
      ? [{ shape: "label", x: x + SPACE + 2, y: y + gap / 2 + 4, text, font: "text", look: "bondText" } as const]
      : []),
  ];
}

const BADGE = 18;

/** What a leg carries, with its number. */
export function wayLabel({ kind, step, packet, remarks }: Way): Block {
  const text = BADGE + SPACE + widthOf(packet, "packet");
  const inner = Math.max(text, ...remarks.map((remark) => widthOf(remark, "text")));
  const [width, height] = [inner + 14, 24 + remarks.length * 15 + (remarks.length > 0 ? 3 : 0)];
  return {
    width,
    height,
    shapes: [
      { shape: "box", x: 0, y: 0, width, height, look: `way ${kind}Edge` },
      { shape: "box", x: 4, y: 3, width: BADGE, height: BADGE, look: `badge ${kind}Fill` },
      { shape: "label", x: 4 + BADGE / 2, y: 16, text: String(step), font: "step", look: "onTag", anchor: "middle" },
      { shape: "label", x: 4 + BADGE + SPACE, y: 16.5, text: packet, font: "packet", look: "ink" },
      ...remarks.map((remark, index): Shape => ({
        shape: "label",
        x: 7,
        y: 34 + index * 15,
        text: remark,
        font: "text",
        look: "quiet",
      })),
    ],
  };
}
