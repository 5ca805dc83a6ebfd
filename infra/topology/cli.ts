/** Draws a stack from its file, `npm run -s topology -- <stack> [--format svg|mermaid] [--out FILE]`; asks no host. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { draw, formats, type Format } from "./draw.js";
import { pageFiles } from "./page.js";

const HELP = `Usage: npm run -s topology -- <stack> [--format svg|mermaid] [--out FILE]
       npm run -s topology -- --all

  --format  svg, or the text of a Mermaid flowchart; svg when left out, or what the name of FILE ends with (.mmd)
  --out     write there; to standard output when left out
  --all     write docs/topologies.md and the pictures in it, of every stack in stacks/
`;

const root = join(__dirname, "..", "..");
const folder = join(root, "stacks");

/** The texts of all stack files by stack. */
function stackFiles(): Record<string, string> {
  const names = readdirSync(folder).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  return Object.fromEntries(
    names.sort().map((name) => [name, readFileSync(join(folder, `Pulumi.${name}.yaml`), "utf8")]),
  );
}

function formatOf(wanted: string | undefined, out: string | undefined): Format {
  const format = wanted ?? (out?.endsWith(".mmd") ? "mermaid" : "svg");
  const known = formats.find((each) => each === format);
  if (known === undefined) throw new Error(`topology: --format must be ${formats.join(" or ")}, got ${format}.`);
  return known;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      all: { type: "boolean", default: false },
      format: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const stacks = stackFiles();
  if (values.all) {
    const files = await pageFiles(stacks);
    for (const [path, text] of Object.entries(files)) write(join(root, "docs", path), text);
    process.stdout.write(`docs/topologies.md: ${Object.keys(stacks).length} stacks\n`);
    return;
  }
  const [stack, further] = positionals;
  const text = stack === undefined ? undefined : stacks[stack];
  if (stack === undefined || text === undefined || further !== undefined) {
    const got = positionals.length > 0 ? positionals.join(" ") : "none";
    throw new Error(`topology: one stack must be named, got ${got}. Known: ${Object.keys(stacks).join(", ")}.`);
  }
  const picture = await draw(stack, text, formatOf(values.format, values.out));
  if (values.out === undefined) process.stdout.write(picture);
  else write(values.out, picture);
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
