import { isUnknown, type Properties, type Value } from "./values.js";

/** What happens to one property, for the engine's detailed diff. */
export interface Change {
  /** Pulumi property path: `files["/etc/sysctl.d/90-pulumi-lvs.conf"].content`. */
  path: string;
  kind: "add" | "delete" | "update";
}

/**
 * The differences between two property maps, property by property, in key order. Both are inputs: what the state
 * holds (after a refresh: what the host really has) and what the program wants.
 */
export function differences(have: Properties, want: Properties, ignored: string[] = []): Change[] {
  const changes: Change[] = [];
  const walk = (left: Value | undefined, right: Value | undefined, path: string) => {
    if (left === undefined && right === undefined) return;
    if (left === undefined) return changes.push({ path, kind: "add" });
    if (right === undefined) return changes.push({ path, kind: "delete" });
    if (isMap(left) && isMap(right)) {
      for (const key of [...new Set([...Object.keys(left), ...Object.keys(right)])].sort())
        walk(left[key], right[key], join(path, key));
      return;
    }
    if (isUnknown(right) || canonical(left) !== canonical(right)) changes.push({ path, kind: "update" });
  };
  for (const key of [...new Set([...Object.keys(have), ...Object.keys(want)])].sort())
    if (!ignored.includes(key)) walk(have[key], want[key], key);
  return changes;
}

function isMap(value: Value | undefined): value is { [key: string]: Value } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Text that is the same for equal values, in whatever order the keys of a map inside a list stand. */
function canonical(value: Value): string {
  return JSON.stringify(value, (_, item: Value) =>
    isMap(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  );
}

/** Joins a path and a key the way Pulumi writes property paths. */
function join(path: string, key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}
