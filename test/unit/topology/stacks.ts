import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../../..");

/** The texts of stack files by stack: those of a folder. */
function stacksIn(folder: string, prefix: string): Record<string, string> {
  const files = readdirSync(folder).filter((file) => file.startsWith(prefix) && file.endsWith(".yaml"));
  return Object.fromEntries(
    files.sort().map((file) => [file.slice(prefix.length, -".yaml".length), readFileSync(join(folder, file), "utf8")]),
  );
}

/** The stacks of `stacks/`. */
export const labStacks = stacksIn(join(root, "stacks"), "Pulumi.");

/** Stacks that are drawn in tests only: machines without a lab, one-armed NAT, methods side by side. */
export const otherStacks = stacksIn(join(__dirname, "stacks"), "");
