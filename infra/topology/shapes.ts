/** Fonts of a picture by purpose; sizes in pixels. */
export const fonts = {
  title: { size: 20, family: "sans", bold: true },
  subtitle: { size: 14, family: "sans", bold: false },
  group: { size: 12, family: "sans", bold: true },
  host: { size: 14, family: "sans", bold: true },
  text: { size: 12, family: "sans", bold: false },
  step: { size: 11, family: "sans", bold: true },
  tag: { size: 10, family: "sans", bold: true },
  chip: { size: 11, family: "sans", bold: false },
  address: { size: 12.5, family: "mono", bold: false },
  packet: { size: 12.5, family: "sans", bold: true },
} as const;

/** The purpose of a text. */
export type Font = keyof typeof fonts;

/** A place, from the top left corner, in pixels. */
export interface Point {
  x: number;
  y: number;
}

/** A rectangle with round corners; `look` is its class. */
export interface Box extends Point {
  shape: "box";
  width: number;
  height: number;
  look: string;
}

/** A line of text; `x` is its left end, or its middle or right end as `anchor` says, `y` its baseline. */
export interface Label extends Point {
  shape: "label";
  text: string;
  font: Font;
  look: string;
  anchor?: "middle" | "end";
}

/** A line with corners; with an arrow at its end where packets go along it. */
export interface Line {
  shape: "line";
  points: Point[];
  look: string;
  arrow?: boolean;
}

/** What a picture consists of, the lowest first. */
export type Shape = Box | Label | Line;

/** Shapes with the room that they take. */
export interface Block {
  width: number;
  height: number;
  shapes: Shape[];
}

/** Shapes at another place. */
export function moved(shapes: readonly Shape[], { x, y }: Point): Shape[] {
  const shift = <T extends Point>(point: T): T => ({ ...point, x: point.x + x, y: point.y + y });
  return shapes.map((each) => (each.shape === "line" ? { ...each, points: each.points.map(shift) } : shift(each)));
}
