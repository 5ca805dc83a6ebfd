import { natural } from "../spec/index.js";
import { draw } from "./draw.js";

/** The files of the page with all stacks, by path below `docs/`. */
export async function pageFiles(stacks: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const parts = [HEAD];
  for (const [stack, text] of Object.entries(stacks).sort(([a], [b]) => natural(a, b))) {
    files[`topologies/${stack}.svg`] = await draw(stack, text, "svg");
    parts.push(section(stack, introduction(text), await draw(stack, text, "mermaid")));
  }
  files["topologies.md"] = parts.join("\n");
  return files;
}

const HEAD = `# Topologies

The stacks of \`stacks/\`, drawn by \`npm run -s topology -- --all\` from their files alone; no host is asked. A picture of one stack, also of
your own:

\`\`\`sh
npm run -s topology -- lab-dr > lab-dr.svg
npm run -s topology -- lab-dr --format mermaid
\`\`\`

Blue lines are requests, dashed orange ones are replies, and the numbers follow one packet there and back. Which way it goes follows from
the routes of the lab and of the plan. A line to the border of a box of several hosts means any one of them. Without a lab in the stack file
the wires are not known: what no route sends to a gateway is drawn straight to its destination.
`;

/** What the stack file says of itself: the comment at its top. */
function introduction(text: string): string {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("#"));
  return (
    lines
      .slice(0, Math.max(0, end))
      // What an editor is told there is not for readers.
      .filter((line) => !line.startsWith("# yaml-language-server:"))
      .map((line) => line.replace(/^#\s*/, ""))
      .join("\n")
  );
}

function section(stack: string, about: string, mermaid: string): string {
  return [
    `## ${stack}`,
    "",
    ...(about === "" ? [] : [about, ""]),
    `![The hosts of ${stack}, and the way of a request and its reply](topologies/${stack}.svg)`,
    "",
    "<details>",
    "<summary>The same in Mermaid</summary>",
    "",
    "```mermaid",
    `${mermaid}\`\`\``,
    "",
    "</details>",
    "",
  ].join("\n");
}
