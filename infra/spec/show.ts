import type { Path } from "./path.js";

/**
 * Field names whose values are secret wherever they stand; file contents often are, and in the place of a certificate may stand
 * its key, so they are never shown either.
 */
const secretFields = new Set([
  "authPass",
  "certificate",
  "password",
  "privateKey",
  "privateKeyPassword",
  "sudoPassword",
  "content",
]);

const longest = 60;
/** What would end a line, move a cursor, turn the direction of writing, or not be seen at all. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

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
  return quote(value);
}

/** A text in quotes as a problem shows it: on one line, every character visible, at most `limit` of them. */
export function quote(text: string, limit = longest): string {
  // By characters and not by units, so that none is cut in half.
  const start = [...text.slice(0, 2 * limit + 2)].slice(0, limit + 1).join("");
  const shown = [...JSON.stringify(start).replace(unprintable, escaped)];
  const whole = start.length === text.length && shown.length <= limit;
  return whole ? shown.join("") : `${shown.slice(0, limit).join("").replace(/"$/, "")}…"`;
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/** The kind of a value, for places where an object or a list is wanted: a text there may be a secret out of place. */
export function showKind(value: unknown): string {
  if (typeof value === "string") return "a text";
  if (typeof value === "number") return "a number";
  if (typeof value === "boolean") return "true or false";
  return show(value);
}
