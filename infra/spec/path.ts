import { quote } from "./show.js";

/** Keys longer than any that means something are cut. */
const longestKey = 255;

/** A path into a stack file, as zod gives it. */
export type Path = readonly PropertyKey[];

/** `cluster`, `services`, 0, `port` becomes `cluster.services[0].port`; keys that are no plain words are quoted. */
export function formatPath(path: Path): string {
  return path
    .map((key, index) => {
      if (typeof key === "number") return `[${key}]`;
      if (!/^[A-Za-z_][\w-]{0,63}$/.test(String(key))) return `[${quote(String(key), longestKey)}]`;
      return index === 0 ? String(key) : `.${String(key)}`;
    })
    .join("");
}

/** The value at a path, or undefined where the path leads nowhere. */
export function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}
