import { styleText } from "node:util";

/** What a piece of text means. */
export type Look = "good" | "bad" | "doubtful" | "title" | "dim";
/** Gives text the look of its meaning. */
export type Paint = (look: Look, text: string) => string;

const STYLES: Record<Look, Parameters<typeof styleText>[0]> = {
  good: "green",
  bad: "red",
  doubtful: "yellow",
  title: "bold",
  dim: "dim",
};

/** Colours where the stream is a terminal that has them; NO_COLOR, FORCE_COLOR and TERM are looked at by Node. */
export function paintFor(stream: { isTTY?: boolean; hasColors?: () => boolean }): Paint {
  const coloured = stream.isTTY === true && stream.hasColors?.() === true;
  return (look, text) => (coloured && text !== "" ? styleText(STYLES[look], text, { validateStream: false }) : text);
}
