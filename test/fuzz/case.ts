import { isDeepStrictEqual } from "node:util";

/** A change as table cases have it: JSON pointers with new values, and pointers that are taken out. */
export interface CaseChange {
  set?: Record<string, unknown>;
  unset?: string[];
}

/** What lies between two inputs, so that what was found can be kept as a table case. */
export function difference(from: unknown, to: unknown, at = ""): CaseChange {
  if (isDeepStrictEqual(from, to)) return {};
  if (!isPlain(from) || !isPlain(to) || Array.isArray(from) !== Array.isArray(to)) return { set: { [at]: to } };
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  const parts = keys.map((key): CaseChange => {
    const pointer = `${at}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (!Object.hasOwn(to, key)) return { unset: [pointer] };
    if (!Object.hasOwn(from, key)) return { set: { [pointer]: own(to, key) } };
    return difference(own(from, key), own(to, key), pointer);
  });
  const unset = parts.flatMap((part) => part.unset ?? []);
  return {
    set: Object.assign({}, ...parts.map(({ set }) => set)) as Record<string, unknown>,
    ...(unset.length > 0 && { unset }),
  };
}

function isPlain(value: unknown): value is object {
  return (
    typeof value === "object" &&
    value !== null &&
    (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)
  );
}

function own(value: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(value, key)?.value as unknown;
}
