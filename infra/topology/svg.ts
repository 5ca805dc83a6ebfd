import { colours, REPLY_DASHES } from "./colours.js";
import { fonts, type Block, type Label, type Line, type Point, type Shape } from "./shapes.js";

const families = {
  sans: `"Segoe UI", Roboto, Helvetica, Arial, "DejaVu Sans", sans-serif`,
  mono: `ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace`,
};
/** Radius of a corner of a way. */
const CORNER = 7;

const rules: [string, string][] = [
  ...Object.entries(fonts).map(([name, { size, family, bold }]): [string, string] => [
    `.f-${name}`,
    `font: ${bold ? 700 : 400} ${size}px ${families[family]}`,
  ]),
  [".ink", `fill: ${colours.ink}`],
  [".quiet", `fill: ${colours.quiet}`],
  [".onTag", `fill: ${colours.paper}`],
  [".bondText", `fill: ${colours.bond}`],
  [".paper", `fill: ${colours.paper}; stroke: ${colours.border}`],
  [".group", `fill: ${colours.group}; stroke: ${colours.border}`],
  [".host", `fill: ${colours.paper}; stroke: ${colours.quiet}; stroke-width: 1.2`],
  ...colours.chips.map((colour, index): [string, string] => [`.chip${index}`, `fill: ${colour}`]),
  ...(["vip", "dip", "lip"] as const).map((kind): [string, string] => [`.${kind}`, `fill: ${colours[kind]}`]),
  [".way", `fill: ${colours.paper}`],
  ...(["request", "reply"] as const).flatMap((kind): [string, string][] => [
    [`.${kind}Edge`, `stroke: ${colours[kind]}; stroke-width: 1.2`],
    [`.${kind}Fill`, `fill: ${colours[kind]}`],
    [`.${kind}`, `stroke: ${colours[kind]}`],
  ]),
  [".wire", "fill: none; stroke-width: 2.4"],
  [".reply", `stroke-dasharray: ${REPLY_DASHES}`],
  [".bond", `fill: none; stroke: ${colours.bond}; stroke-width: 2; stroke-dasharray: 2 4`],
  [".rule", `fill: none; stroke: ${colours.border}`],
];

/** Radii of boxes' corners by class. */
const radii: Record<string, number> = { paper: 10, group: 9, host: 6, way: 5, badge: 9 };

/** A picture as SVG, with a background of its own for pages in the dark. */
export function svgOf({ width, height, shapes }: Block, title: string, description: string): string {
  const paper: Shape = { shape: "box", x: 0.5, y: 0.5, width: width - 1, height: height - 1, look: "paper" };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(description)}</desc>`,
    "<style>",
    ...rules.map(([selector, text]) => `${selector} { ${text} }`),
    "</style>",
    ...[paper, ...shapes].flatMap(element),
    "</svg>",
    "",
  ].join("\n");
}

function element(shape: Shape): string[] {
  if (shape.shape === "label") return [labelElement(shape)];
  if (shape.shape === "line") return lineElements(shape);
  const { x, y, width, height, look } = shape;
  const radius = radii[look.split(" ")[0] ?? ""] ?? 3;
  return [
    `<rect class="${look}" x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="${radius}"/>`,
  ];
}

function labelElement({ x, y, text, font, look, anchor }: Label): string {
  const at = anchor === undefined ? "" : ` text-anchor="${anchor}"`;
  return `<text class="f-${font} ${look}" x="${number(x)}" y="${number(y)}"${at}>${escaped(text)}</text>`;
}

function lineElements({ points, look, arrow }: Line): string[] {
  const path = `<path class="${look}" d="${pathOf(points)}"/>`;
  return arrow ? [path, arrowElement(points, look.replace("wire ", ""))] : [path];
}

/** A triangle whose tip is the last point. */
function arrowElement(points: readonly Point[], kind: string): string {
  const [before, tip] = points.slice(-2) as [Point, Point];
  const length = Math.hypot(tip.x - before.x, tip.y - before.y) || 1;
  const [dx, dy] = [(tip.x - before.x) / length, (tip.y - before.y) / length];
  const corner = (side: number) => `${number(tip.x - 11 * dx - side * dy)},${number(tip.y - 11 * dy + side * dx)}`;
  return `<polygon class="${kind}Fill" points="${number(tip.x)},${number(tip.y)} ${corner(5)} ${corner(-5)}"/>`;
}

/** Straight lines with round corners; the last one ends inside the arrow. */
function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  const parts = [`M${number(first.x)},${number(first.y)}`];
  rest.forEach((point, index) => {
    const [before, next] = [points[index]!, rest[index + 1]];
    if (next === undefined) {
      parts.push(`L${number(point.x)},${number(point.y)}`);
      return;
    }
    const [start, end] = [towards(point, before), towards(point, next)];
    parts.push(
      `L${number(start.x)},${number(start.y)}`,
      `Q${number(point.x)},${number(point.y)} ${number(end.x)},${number(end.y)}`,
    );
  });
  return parts.join(" ");
}

/** A point near a corner on the way to the next one. */
function towards(corner: Point, other: Point): Point {
  const length = Math.hypot(other.x - corner.x, other.y - corner.y) || 1;
  const part = Math.min(CORNER, length / 2) / length;
  return { x: corner.x + (other.x - corner.x) * part, y: corner.y + (other.y - corner.y) * part };
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
