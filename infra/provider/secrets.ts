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
 * The way back: text that was read on a host, with secrets replaced by their placeholders, so that it may be shown. In
 * a line that has the shape of a template line but another value, the value itself is hidden: it is somebody's password.
 */
export function hide(actual: string, template: string, secrets: Record<string, string>): string {
  if (actual === fill(template, secrets)) return template;
  const shapes = template
    .split("\n")
    .filter((line) => line.match(PLACEHOLDER))
    .map((line) => {
      const keyword = line.trim().split(/\s+/)[0] ?? "";
      return { line, keyword, filled: fill(line, secrets) };
    });
  return actual
    .split("\n")
    .map((line) => {
      const same = shapes.find(({ filled }) => filled.trim() === line.trim());
      if (same) return line.replace(same.filled.trim(), same.line.trim());
      const other = shapes.find(({ keyword }) => line.trim().split(/\s+/)[0] === keyword);
      return other ? line.replace(/^(\s*\S+\s+).*$/, "$1(another value, hidden)") : line;
    })
    .join("\n");
}
