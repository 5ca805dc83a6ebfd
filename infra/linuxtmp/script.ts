import type { Step } from "../host/types.js";
export function script(text: string, args: string[] = [], options: Omit<Step, "argv"> = {}): Step {
  return { argv: ["sh", "-c", text, "sh", ...args], ...options };
}
export function lines(output: string): string[] {
  return output.split("\n").filter((line) => line !== "");
}
export function linePerKey(keys: string[], output: string): [string, string][] {
  const found = lines(output);
  if (found.length !== keys.length)
    throw new Error(
      `reading ${keys.length} things must print ${keys.length} lines, got ${found.length}. Look at the host's shell.`,
    );
  return keys.map((key, index) => [key, found[index]!]);
}
export function unreadable(key: string, reason: string): Error {
  return new Error(
    `${key}: must be readable before it is changed, got ${reason}. Repair it by hand, then run up again.`,
  );
}
