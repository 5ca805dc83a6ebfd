import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/** Markers of Pulumi's wire format (pulumi/pulumi `sdk/go/common/resource/properties.go`). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A plain value as it travels between the engine and the provider. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
/** A property map. */
export type Properties = { [key: string]: Value };

/** Stands for a value that is not known until `up`; {@link isUnknown} finds it anywhere in a value. */
export const unknown: Value = UNKNOWN;

/** True when the value, or anything inside it, is not known yet. */
export function isUnknown(value: Value | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(isUnknown);
  if (value !== null && typeof value === "object") return Object.values(value).some(isUnknown);
  return false;
}

/** A property map without its secret wrappers, and the paths at which they stood (`["connection","privateKey"]` as JSON). */
export interface Unwrapped {
  properties: Properties;
  secrets: Set<string>;
}

/** Takes the secret wrappers off a property map that came from the engine. */
export function unwrap(struct: Struct | undefined): Unwrapped {
  const secrets = new Set<string>();
  const walk = (value: Value, path: string[]): Value => {
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, String(index)]));
    if (value === null || typeof value !== "object") return value;
    if (value[SIGNATURE] === SECRET) {
      secrets.add(JSON.stringify(path));
      return walk(value["value"] ?? null, path);
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  const properties = walk(struct?.toJavaScript() ?? {}, []) as Properties;
  return { properties, secrets };
}

/**
 * Puts secret wrappers on a property map that goes to the engine: at every path of `secrets`, and at `always`
 * (a `*` matches any key), whether or not the user marked it. Undefined values are left out.
 */
export function wrap(properties: Properties, secrets: Set<string>, always: string[][] = []): Struct {
  const isSecret = (path: string[]) =>
    secrets.has(JSON.stringify(path)) ||
    always.some((p) => p.length === path.length && p.every((key, index) => key === "*" || key === path[index]));
  const walk = (value: Value, path: string[]): Value => {
    const plain = Array.isArray(value)
      ? value.map((item, index) => walk(item, [...path, String(index)]))
      : value !== null && typeof value === "object"
        ? Object.fromEntries(
            Object.entries(value)
              .filter(([, item]) => item !== undefined)
              .map(([key, item]) => [key, walk(item, [...path, key])]),
          )
        : value;
    return path.length > 0 && isSecret(path) && value !== UNKNOWN ? { [SIGNATURE]: SECRET, value: plain } : plain;
  };
  return Struct.fromJavaScript(walk(properties, []) as Parameters<typeof Struct.fromJavaScript>[0]);
}
