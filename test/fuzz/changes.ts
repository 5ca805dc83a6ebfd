import fc, { type Arbitrary } from "fast-check";
import { z } from "zod";
import { arbitraryOf, isOpaque, isWrapper } from "./arbitrary.js";
import { hostileText, hostileValue, inherited } from "./hostile.js";

/** A change of an input, made on a copy of it. */
export type Change = (input: unknown) => void;

/** A place in the schema: `directors`, any, `files`, any. */
interface Slot {
  path: readonly (string | typeof any)[];
  schema: z.core.$ZodType;
}

const any = Symbol("any");
type Container = Record<string, unknown> | unknown[];

/** Sets something that fits the schema, somewhere; rules across fields may still refuse it. */
export function fittingChange(schema: z.core.$ZodType): Arbitrary<Change> {
  const slots = slotsOf(schema).filter(({ path }) => path.length > 0);
  return fc
    .constantFrom(...slots)
    .chain((slot) => fc.tuple(fc.constant(slot), arbitraryOf(slot.schema), fc.array(fc.nat(), { maxLength: 4 })))
    .map(
      ([{ path }, value, picks]) =>
        (input) =>
          set(input, path, structuredClone(value), [...picks]),
    );
}

/** Gives a host another name, in every place where it is named. */
export function renaming(schema: z.core.$ZodType): Arbitrary<Change> {
  const name = fc.oneof(
    arbitraryOf(schema) as Arbitrary<string>,
    fc.constantFrom(...inherited.slice(0, 4), "rs.1", "rs-1"),
  );
  return fc.tuple(name, fc.nat()).map(([to, pick]) => (input) => {
    const names = hostNames(input);
    const from = names[pick % Math.max(1, names.length)];
    if (from !== undefined) replaceDeep(input, from, to);
  });
}

/** Breaks something, somewhere: another value, a key too many, one too few, an item twice. */
export const breakingChange: Arbitrary<Change> = fc
  .tuple(fc.constantFrom("set", "set", "set", "key", "drop", "twice", "append"), fc.nat(), hostileValue, hostileText)
  .map(([how, pick, value, key]) => (input) => {
    const places = placesOf(input);
    const place = places[pick % Math.max(1, places.length)];
    if (place === undefined) return;
    const { parent, key: at } = place;
    const there = (parent as Record<string, unknown>)[at];
    if (how === "set") define(parent, at, value);
    else if (how === "drop" && Array.isArray(parent)) parent.splice(Number(at), 1);
    else if (how === "drop") delete (parent as Record<string, unknown>)[at];
    else if (how === "twice" && Array.isArray(parent)) parent.push(there);
    else if (how === "append" && Array.isArray(there)) there.push(value);
    else if (how === "key" && isContainer(there) && !Array.isArray(there)) define(there, key, value);
  });

/** An own property, also where the name is `__proto__`. */
function define(container: Container, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function isContainer(value: unknown): value is Container {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function slotsOf(schema: z.core.$ZodType, path: Slot["path"] = []): Slot[] {
  if (isOpaque(schema)) return [];
  if (isWrapper(schema)) return slotsOf(schema.unwrap(), path);
  const below =
    schema instanceof z.ZodObject
      ? Object.entries(schema.shape as Record<string, z.core.$ZodType>).flatMap(([key, field]) =>
          slotsOf(field, [...path, key]),
        )
      : schema instanceof z.ZodArray
        ? slotsOf(schema.element, [...path, any])
        : schema instanceof z.ZodRecord
          ? slotsOf(schema.valueType, [...path, any])
          : schema instanceof z.ZodUnion
            ? schema.options.flatMap((option) => slotsOf(option, path).filter((slot) => slot.path.length > path.length))
            : [];
  return [{ path, schema }, ...below];
}

function set(input: unknown, path: Slot["path"], value: unknown, picks: number[]): void {
  let at = input;
  path.forEach((step, index) => {
    if (!isContainer(at)) return;
    const keys = Object.keys(at);
    const pick = picks.shift() ?? 0;
    // One past the end adds to a list; a map of names gets new ones as a whole.
    const choice = Array.isArray(at)
      ? String(pick % (keys.length + (index === path.length - 1 ? 1 : 0) || 1))
      : keys[pick % keys.length];
    const key = step === any ? choice : step;
    if (key === undefined) return void (at = undefined);
    if (index === path.length - 1) define(at, key, value);
    else at = (at as Record<string, unknown>)[key];
  });
}

function placesOf(input: unknown): { parent: Container; key: string }[] {
  if (!isContainer(input)) return [];
  return Object.entries(input).flatMap(([key, value]) => [{ parent: input, key }, ...placesOf(value)]);
}

function hostNames(input: unknown): string[] {
  const { directors, realServers } = input as { directors?: unknown; realServers?: unknown };
  return [directors, realServers].flatMap((list) =>
    Array.isArray(list) ? list.flatMap((host) => (typeof host?.name === "string" ? [host.name as string] : [])) : [],
  );
}

function replaceDeep(value: unknown, from: string, to: string): void {
  if (!isContainer(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (inner === from) define(value, key, to);
    else replaceDeep(inner, from, to);
    if (key === from && !Array.isArray(value)) {
      delete value[key];
      define(value, to, inner);
    }
  }
}
