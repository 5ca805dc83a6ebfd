import type { Path } from "./path.js";

/** Field names whose values are secret wherever they stand; file contents often are, so they are never shown either. */
const secretFields = new Set(["authPass", "password", "privateKey", "privateKeyPassword", "sudoPassword", "content"]);

const longest = 60;

/** True when a value at this path must never be shown. */
export function isSecretPath(path: Path): boolean {
  return path.some((key) => typeof key === "string" && secretFields.has(key));
}

/** A value as a problem shows it: short, on one line, lists and objects by their kind only. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "an object";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") return `a ${typeof value}`;
  const text = JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…"` : text;
}

/** The kind of a value, for places where an object or a list is wanted: a text there may be a secret out of place. */
export function showKind(value: unknown): string {
  if (typeof value === "string") return "a text";
  if (typeof value === "number") return "a number";
  if (typeof value === "boolean") return "true or false";
  return show(value);
}
