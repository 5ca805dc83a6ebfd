import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Step, StepResult } from "../../../infra/host/types.js";

const root = join(__dirname, "../../cases");

/** The cases of a noun: the JSON files in `test/cases/<noun>/` (whose names start with `files`), each a list. */
export function casesOf<Case extends { title: string }>(noun: string, files = ""): Case[] {
  const folder = join(root, noun);
  return readdirSync(folder)
    .filter((name) => name.startsWith(files) && name.endsWith(".json"))
    .sort()
    .flatMap((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Case[]);
}

/** A step as cases write it: a script by its name and arguments, standard input behind `<`. */
export function shown({ argv, stdin }: Step): string[] {
  const words = argv[0] === "sh" && argv[1] === "-c" ? [`script ${argv[3]}`, ...argv.slice(4)] : argv;
  return stdin === undefined ? words : [...words, `<${stdin.toString()}`];
}

/** Results of steps that printed the given texts. */
export function printed(steps: Step[], outputs: string[]): StepResult[] {
  return outputs.map((stdout, index) => ({ argv: steps[index]?.argv ?? [], code: 0, stdout, stderr: "" }));
}
