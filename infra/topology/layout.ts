import ELK, { type ElkExtendedEdge, type ElkNode, type ElkPort } from "elkjs/lib/elk.bundled.js";
import { groupBlock, HEAD, wayLabel, type GroupBlock } from "./boxes.js";
import type { End, Topology, Way } from "./model.js";
import { moved, type Block, type Point, type Shape } from "./shapes.js";

/**
 * ELK's layered layout (Eclipse Layout Kernel, reference of options): columns become partitions, ways orthogonal edges with
 * their labels on them. Same input, same result.
 */
const options = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.partitioning.activate": "true",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.spacing.nodeNodeBetweenLayers": "20",
  "elk.layered.spacing.edgeNodeBetweenLayers": "16",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "14",
  "elk.spacing.nodeNode": "28",
  "elk.spacing.edgeNode": "22",
  "elk.spacing.edgeEdge": "12",
  "elk.padding": "[top=0,left=0,bottom=0,right=0]",
};

interface Placed {
  way: Way;
  /** The label's block. */
  label: Block;
  /** True where the layout's edge runs against the packets, so that all edges of the layout run to the right. */
  reversed: boolean;
  /** Places of its two groups among all groups. */
  order: [number, number];
  /** Columns between its ends; 0 inside one. */
  columns: number;
}

/** Room between two ways that run side by side, so that a label of two lines fits on each. */
const PITCH = 55;
/** Room that ways keep from the upper and the lower border of a box, together. */
const EDGE = 18;

type Side = "WEST" | "EAST";

/** Where hosts and ways of a topology are drawn, from a corner at 0, 0. */
export async function layOut(topology: Topology): Promise<Block> {
  const segments = topology.segments.map(({ name }) => name);
  const groups = topology.columns.flatMap((column) => column.groups);
  const blocks = new Map(groups.map((group) => [group.id, groupBlock(group, segments)] as const));
  const order = [...blocks.keys()];
  const columnOf = (id: string) =>
    topology.columns.findIndex((column) => column.groups.some((group) => group.id === id));
  const ways = topology.ways.map((way): Placed => {
    const [from, to] = [order.indexOf(way.from.group), order.indexOf(way.to.group)];
    const columns = Math.abs(columnOf(way.from.group) - columnOf(way.to.group));
    return { way, label: wayLabel(way), reversed: from > to, order: [from, to], columns };
  });
  const nodes = topology.columns.flatMap((column, index) =>
    column.groups.map(({ id }) => nodeOf(id, blocks.get(id)!, index, index === topology.columns.length - 1, ways)),
  );
  const graph: ElkNode = {
    id: "root",
    layoutOptions: options,
    children: nodes,
    edges: ways.map((placed, index) => edgeOf(placed, index)),
  };
  const laid = await new ELK().layout(graph);
  const shapes: Shape[] = [];
  for (const node of laid.children ?? []) shapes.push(...moved(blocks.get(node.id)!.shapes, placeOf(node)));
  const lines: Shape[] = [];
  const labels: Shape[] = [];
  (laid.edges ?? []).forEach((edge, index) => {
    const { way, label, reversed } = ways[index]!;
    const inner = pointsOf(edge);
    const points = [
      ...reach(laid, blocks, reversed ? way.to : way.from, inner[0]!),
      ...inner,
      ...reach(laid, blocks, reversed ? way.from : way.to, inner.at(-1)!),
    ];
    lines.push({
      shape: "line",
      points: corners(reversed ? points.reverse() : points),
      look: `wire ${way.kind}`,
      arrow: true,
    });
    labels.push(...moved(label.shapes, placeOf(edge.labels![0]!)));
  });
  return { width: laid.width ?? 0, height: laid.height ?? 0, shapes: [...shapes, ...lines, ...labels] };
}

/** The same line without points on its straight parts. */
function corners(points: readonly Point[]): Point[] {
  return points.filter(({ x, y }, index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (before === undefined || after === undefined) return true;
    return !((before.x === x && x === after.x) || (before.y === y && y === after.y));
  });
}

function placeOf({ x = 0, y = 0 }: { x?: number; y?: number }): Point {
  return { x: round(x), y: round(y) };
}

/** Half pixels: the same text on every processor. */
function round(value: number): number {
  return Math.round(value * 2) / 2;
}

function pointsOf({ sections = [] }: ElkExtendedEdge): Point[] {
  const [section] = sections;
  if (section === undefined) throw new Error("topology: an edge of the layout has no points.");
  return [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(placeOf);
}

/** The ends of ways at a group on one side: near groups first, so that far ones go round below, then as the packets go. */
function endsAt(id: string, side: Side, ways: readonly Placed[]): Placed[] {
  const other = ({ order }: Placed) => (side === "EAST" ? Math.max(...order) : Math.min(...order));
  return ways
    .filter(({ way, reversed }) => {
      const [left, right] = reversed ? [way.to.group, way.from.group] : [way.from.group, way.to.group];
      return (side === "EAST" ? left : right) === id;
    })
    .sort((a, b) => a.columns - b.columns || other(a) - other(b) || a.way.step - b.way.step);
}

function nodeOf(id: string, block: GroupBlock, column: number, last: boolean, ways: readonly Placed[]): ElkNode {
  const sides = (["WEST", "EAST"] as const).map((side) => ({ side, ends: endsAt(id, side, ways) }));
  const ports = sides.flatMap(({ side, ends }) =>
    ends.map((placed, index): ElkPort => {
      const { top, height } = target(block, endOf(placed, id));
      const pitch = Math.min(PITCH, (height - EDGE) / Math.max(1, ends.length - 1));
      return {
        id: portId(ways.indexOf(placed), id),
        width: 0,
        height: 0,
        x: side === "WEST" ? 0 : block.width,
        y: round(top + height / 2 + (index - (ends.length - 1) / 2) * pitch),
        layoutOptions: { "elk.port.side": side },
      };
    }),
  );
  return {
    id,
    width: block.width,
    height: block.height,
    ports,
    layoutOptions: {
      "elk.partitioning.partition": String(column),
      ...(last && { "elk.layered.layering.layerConstraint": "LAST" }),
      "elk.portConstraints": "FIXED_POS",
    },
  };
}

function endOf({ way }: Placed, id: string): End {
  return way.from.group === id ? way.from : way.to;
}

/** The part of a group that an end points to: its one host, or all of the group where it may be any of several. */
function target(block: GroupBlock, { hosts }: End): { top: number; height: number } {
  const [only] = hosts;
  const place = hosts.length === 1 && only !== undefined ? block.places[only] : undefined;
  return place ?? { top: HEAD, height: block.height - HEAD };
}

function portId(way: number, group: string): string {
  return `${way} ${group}`;
}

function edgeOf({ way, label, reversed }: Placed, index: number): ElkExtendedEdge {
  const [source, destination] = reversed ? [way.to, way.from] : [way.from, way.to];
  return {
    id: `way ${index}`,
    sources: [portId(index, source.group)],
    targets: [portId(index, destination.group)],
    labels: [
      {
        id: `label ${index}`,
        text: way.packet,
        width: label.width,
        height: label.height,
        layoutOptions: { "elk.edgeLabels.inline": "true", "elk.edgeLabels.placement": "CENTER" },
      },
    ],
  };
}

/** From the border of a group to the one host in it that is meant. */
function reach(graph: ElkNode, blocks: ReadonlyMap<string, GroupBlock>, end: End, border: Point): Point[] {
  const node = (graph.children ?? []).find(({ id }) => id === end.group);
  const block = blocks.get(end.group);
  const [only = ""] = end.hosts;
  if (node === undefined || end.hosts.length !== 1 || block?.places[only] === undefined) return [];
  const { x } = placeOf(node);
  const middle = x + block.width / 2;
  return [{ x: border.x < middle ? border.x + 12 : border.x - 12, y: border.y }];
}
