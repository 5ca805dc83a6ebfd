// npm run docs: writes the pages that are made of plans and rendered files.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pages } from "./pages.js";

async function main(): Promise<void> {
  for (const { path, text } of await pages()) {
    const file = join(__dirname, "..", "..", path);
    const before = readFileSync(file, { encoding: "utf8", flag: "a+" });
    if (before !== text) writeFileSync(file, text);
    process.stdout.write(`${path}: ${before === text ? "unchanged" : "written"}\n`);
  }
}

void main();
