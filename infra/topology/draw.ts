import { mermaidOf } from "./mermaid.js";
import { pictureOf } from "./picture.js";
import { readStackFile } from "./stack-file.js";
import { svgOf } from "./svg.js";
import { topologyOf } from "./topology.js";
import type { Topology } from "./model.js";

/** What a picture can be written as. */
export const formats = ["svg", "mermaid"] as const;
export type Format = (typeof formats)[number];

/** Draws a stack from the text of its file. Throws a SpecError when there is something wrong in it. */
export async function draw(stack: string, text: string, format: Format): Promise<string> {
  const topology = topologyOf(stack, readStackFile(text));
  if (format === "mermaid") return mermaidOf(topology);
  return svgOf(await pictureOf(topology), `${stack}: ${topology.subtitle}`, spoken(topology));
}

/** The ways as sentences, for those who do not see the picture. */
export function spoken({ ways }: Topology): string {
  return ways
    .map(({ kind, step, from, to, packet, remarks }) => {
      const further = remarks.length > 0 ? ` (${remarks.join(", ")})` : "";
      return `${step}. ${kind} from ${from.hosts.join(", ")} to ${to.hosts.join(", ")}: ${packet}${further}.`;
    })
    .join(" ");
}
