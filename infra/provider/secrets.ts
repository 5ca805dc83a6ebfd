import type { FileWant } from "../plan/types.js";

const PLACEHOLDER = /\$\{secret:([A-Za-z0-9_]+)\}/g;

/** Fills the `${secret:name}` placeholders of a file's content on its way to the host. */
export function fill(content: string, secrets: Record<string, string>): string {
  return content.replace(PLACEHOLDER, (_, name: string) => {
    const value = secrets[name];
    if (value === undefined) throw new Error(`secrets.${name}: used by a file but not given, got nothing. Set it.`);
    return value;
  });
}

export function fillFiles(files: Record<string, FileWant>, secrets: Record<string, string>): Record<string, FileWant> {
  return Object.fromEntries(
    Object.entries(files).map(([path, want]) => [path, { ...want, content: fill(want.content, secrets) }]),
  );
}

/**
 * The way back: text that was read on a host, with secrets replaced by their placeholders, so that it may be shown.
 * Where the words before a placeholder stand with another value, also in a comment, that value is hidden: it is
 * somebody's password, or was.
 */
export function hide(actual: string, template: string, secrets: Record<string, string>): string {
  if (actual === fill(template, secrets)) return template;
  const lines = template.split("\n");
  const withSecret = (line: string) => line.search(PLACEHOLDER) >= 0;
  const shapes = lines.filter(withSecret).map((line) => shapeOf(line, secrets));
  const plain = new Set(lines.filter((line) => !withSecret(line)).map((line) => line.trim()));
  return actual
    .split("\n")
    .map((line) => {
      const bare = line.trim();
      if (plain.has(bare)) return line;
      const same = shapes.find(({ filled }) => filled === bare);
      return same ? line.replace(bare, () => same.bare) : hideValues(line, shapes, secrets);
    })
    .join("\n");
}

interface Shape {
  bare: string;
  filled: string;
  /** Finds the words before the placeholder and everything behind them; none when there are no words. */
  other: RegExp | undefined;
}

function shapeOf(line: string, secrets: Record<string, string>): Shape {
  const bare = line.trim();
  const words = bare.slice(0, bare.search(PLACEHOLDER)).trim();
  const pattern = words.split(/\s+/).map(escape).join("\\s+");
  const other = words === "" ? undefined : new RegExp(`(?<!\\w)(${pattern})(?!\\w)\\s*\\S.*$`);
  return { bare, filled: fill(bare, secrets), other };
}

function hideValues(line: string, shapes: Shape[], secrets: Record<string, string>): string {
  const hidden = shapes.reduce(
    (text, { other }) => (other ? text.replace(other, "$1 (another value, hidden)") : text),
    line,
  );
  return Object.entries(secrets).reduce((text, [name, value]) => {
    if (value === "") return text;
    // A short one would be found in half of all words.
    const pattern = value.length < 4 ? `(?<!\\w)${escape(value)}(?!\\w)` : escape(value);
    return text.replace(new RegExp(pattern, "g"), `(${name}, hidden)`);
  }, hidden);
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
