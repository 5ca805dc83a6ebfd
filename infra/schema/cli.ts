// npm run schema: writes what is made from the schema of the stack file.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generated } from "./generated.js";

const root = join(__dirname, "..", "..");

async function main(): Promise<void> {
  for (const { path, text } of await generated()) {
    const file = join(root, path);
    const before = readFileSync(file, { encoding: "utf8", flag: "a+" });
    if (before !== text) writeFileSync(file, text);
    process.stdout.write(`${path}: ${before === text ? "unchanged" : "written"}\n`);
  }
}

void main();
