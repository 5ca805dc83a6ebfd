import { heightOf, widthOf } from "../../../infra/topology/metrics.js";
import type { Font } from "../../../infra/topology/shapes.js";

/** The edges of something in a picture, in pixels. */
export interface Edges {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A text with the room that it takes at most. */
export interface TextBox extends Edges {
  text: string;
}

/** What is in an SVG file of ours, read from its text. */
export interface Read {
  canvas: Edges;
  boxes: (Edges & { look: string })[];
  texts: TextBox[];
  /** Straight parts of ways, one after the other as they are drawn. */
  parts: Edges[];
}

function attributes(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/([a-z-]+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]));
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Reads rectangles, texts and lines of a picture. */
export function readSvg(svg: string): Read {
  const { width, height } = attributes(/<svg ([^>]*)>/.exec(svg)![1]!);
  const rects = [...svg.matchAll(/<rect ([^>]*)\/>/g)].map(([, text]) => attributes(text!));
  return {
    canvas: { left: 0, top: 0, right: Number(width), bottom: Number(height) },
    boxes: rects.map((rect) => {
      const [left, top] = [Number(rect["x"]), Number(rect["y"])];
      const look = rect["class"]!;
      return { left, top, right: left + Number(rect["width"]), bottom: top + Number(rect["height"]), look };
    }),
    texts: [...svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)].map(([, text, inner]) =>
      textBox(attributes(text!), unescaped(inner!)),
    ),
    parts: [...svg.matchAll(/<path class="(?:wire|bond)[^"]*" d="([^"]*)"/g)].flatMap(([, path]) => partsOf(path!)),
  };
}

function textBox(at: Record<string, string>, text: string): TextBox {
  const font = /f-(\w+)/.exec(at["class"]!)![1] as Font;
  const width = widthOf(text, font);
  const { above, below } = heightOf(font);
  const [x, y] = [Number(at["x"]), Number(at["y"])];
  const left = at["text-anchor"] === "middle" ? x - width / 2 : at["text-anchor"] === "end" ? x - width : x;
  return { text, left, right: left + width, top: y - above, bottom: y + below };
}

/** The last point of every command is where the next one begins. */
function partsOf(path: string): Edges[] {
  const points = [...path.matchAll(/(-?[\d.]+),(-?[\d.]+)(?= [LQ]|$| M)/g)].map(([, x, y]) => [Number(x), Number(y)]);
  return points.slice(1).map(([x, y], index) => {
    const [fromX, fromY] = points[index]!;
    return {
      left: Math.min(x!, fromX!),
      right: Math.max(x!, fromX!),
      top: Math.min(y!, fromY!),
      bottom: Math.max(y!, fromY!),
    };
  });
}

/** True when two things share room. */
export function meet(a: Edges, b: Edges): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** True when one thing is all inside another. */
export function inside(a: Edges, b: Edges): boolean {
  return a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
}
