import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./stack.js";

/** A command of a guide, where it is given, and lines of what it says there. */
export interface Command {
  /** A machine; none for the shell from which stacks are worked on. */
  machine: string | undefined;
  command: string;
  /** In their order, `…` for what differs from time to time or is left out. */
  says: string[];
}

/** What a remedy changes in the stack file, as YAML of the cluster. */
export interface Edit {
  edit: string;
}

/** A cause of a symptom: a heading of the third level in the guide. */
export interface Cause {
  title: string;
  shows: Command[];
  remedy: (Command | Edit)[];
}

/** The causes of docs/troubleshooting.md, by title. */
export function readGuide(): Map<string, Cause> {
  const text = readFileSync(join(root, "docs", "troubleshooting.md"), "utf8");
  return new Map(causes(text).map((cause) => [cause.title, cause]));
}

/** Transcripts (`console`) stand before the line that begins with "Remedy:", and after it with edits (`yaml`). */
export function causes(text: string): Cause[] {
  return text
    .split(/^(?=##+ )/m)
    .filter((section) => section.startsWith("### "))
    .map((section) => {
      const title = section.slice(4, section.indexOf("\n"));
      const [shows = "", remedy] = section.split(/^(?=Remedy: )/m);
      if (remedy === undefined) throw new Error(`docs/troubleshooting.md: "${title}" must have a line "Remedy: …".`);
      return { title, shows: blocks(shows).filter((each) => "command" in each), remedy: blocks(remedy) };
    });
}

function blocks(text: string): (Command | Edit)[] {
  return [...text.matchAll(/^```(console|yaml)\n([^]*?)^```$/gm)].flatMap(
    ([, language, inner = ""]): (Command | Edit)[] => (language === "yaml" ? [{ edit: inner }] : transcript(inner)),
  );
}

/** Commands behind `$ ` or `<machine># `, each with the lines that follow it. */
function transcript(text: string): Command[] {
  const commands: Command[] = [];
  for (const line of text.trimEnd().split("\n")) {
    const [, machine, command] = /^(?:\$|([a-z0-9-]+)#) (.+)$/.exec(line) ?? [];
    if (command !== undefined) commands.push({ machine, command, says: [] });
    else if (commands.length > 0) commands.at(-1)!.says.push(line);
    else throw new Error(`docs/troubleshooting.md: a transcript must begin with a prompt, got "${line}".`);
  }
  return commands;
}

/** The first quoted line that was not said after those before it; undefined when all were. Space between words does not count. */
export function unsaid(says: string[], said: string): string | undefined {
  const lines = said.split("\n").map(spaced);
  let at = 0;
  return says.find((quoted) => {
    const pattern = new RegExp(`^${spaced(quoted).split("…").map(escape).join(".*")}$`);
    const found = lines.findIndex((line, index) => index >= at && pattern.test(line));
    at = found + 1;
    return found < 0;
  });
}

const spaced = (line: string) => line.trim().replace(/\s+/g, " ");
const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
