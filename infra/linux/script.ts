import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Step } from "../host/types.js";

const texts = new Map<string, string>();

/**
 * A step that runs the POSIX sh script `sh/<name>.sh`. `name` is its $0, so that it heads the shell's own errors; `args`
 * are its positional arguments and never part of its text.
 */
export function script(name: string, args: string[], rest: Omit<Step, "argv"> = {}): Step {
  return { argv: ["sh", "-c", scriptText(name), name, ...args], ...rest };
}

/** What scripts begin with: others that define what they have in common. */
const beginnings: Record<string, string[]> = {
  "read-packages": ["package-manager"],
  "install-packages": ["package-manager"],
  "purge-packages": ["package-manager", "purge-packages-apt", "purge-packages-rpm"],
  "read-rules": ["firewall-modules"],
  "read-nft": ["firewall-modules"],
  "unload-tables": ["firewall-modules"],
};

/** The text of a script, behind what it begins with, without its comments, which need not travel. */
export function scriptText(name: string): string {
  let text = texts.get(name);
  if (text === undefined) {
    text = [...(beginnings[name] ?? []), name]
      .map((part) => readFileSync(join(__dirname, "sh", `${part}.sh`), "utf8"))
      .map((part) => part.replace(/^\s*#.*\n/gm, "").trim())
      .join("\n");
    texts.set(name, text);
  }
  return text;
}

/** Lines of what a command printed, without the empty one at the end. */
export function lines(stdout: string): string[] {
  return stdout === "" ? [] : stdout.replace(/\n$/, "").split("\n");
}

/** The items in groups of at most `size`. */
export function groups<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
