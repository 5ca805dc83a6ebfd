import { layOut } from "./layout.js";
import { widthOf } from "./metrics.js";
import type { Topology } from "./model.js";
import { panels } from "./panels.js";
import { moved, type Block } from "./shapes.js";

/** Room around everything, and between its parts, in pixels. */
const MARGIN = 24;
const HEADER = 44;
const BETWEEN = 28;
/** Least width of the panels: narrow pictures have them below each other otherwise. */
const LEAST = 760;

/** A whole picture: title, hosts and ways, and below them what all of it means. */
export async function pictureOf(topology: Topology): Promise<Block> {
  const { title, subtitle } = topology;
  const graph = await layOut(topology);
  const below = panels(topology, Math.max(graph.width, LEAST));
  const titleWidth = widthOf(title, "title");
  const inner = Math.max(graph.width, below.width, titleWidth + 14 + widthOf(subtitle, "subtitle"));
  const graphAt = { x: MARGIN + Math.floor((inner - graph.width) / 2), y: MARGIN + HEADER };
  const rule = graphAt.y + graph.height + BETWEEN;
  const width = inner + 2 * MARGIN;
  const height = rule + BETWEEN / 2 + below.height + MARGIN;
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    shapes: [
      { shape: "label", x: MARGIN, y: MARGIN + 16, text: title, font: "title", look: "ink" },
      { shape: "label", x: MARGIN + titleWidth + 14, y: MARGIN + 16, text: subtitle, font: "subtitle", look: "quiet" },
      ...moved(graph.shapes, graphAt),
      {
        shape: "line",
        points: [
          { x: MARGIN, y: rule },
          { x: width - MARGIN, y: rule },
        ],
        look: "rule",
      },
      ...moved(below.shapes, { x: MARGIN, y: rule + BETWEEN / 2 }),
    ],
  };
}
