import fc, { type Arbitrary } from "fast-check";
import { z } from "zod";
import { hostileText } from "./hostile.js";

/** Texts of the kinds that schemas test by code and not by a pattern; each schema takes those that it lets through. */
const texts = [
  ...["192.168.184.30", "10.0.0.7", "172.16.29.4", "203.0.113.9", "2001:db8::7", "fd00:184::99"],
  ...["192.168.184.100/24", "10.9.0.2/24", "203.0.113.7/32", "2001:db8::100/64", "fd00::5/128", "10.0.0.5/8"],
  ...["default", "10.0.0.0/8", "0.0.0.0/1", "2001:db8::/32"],
  ...["255.255.255.0", "255.255.255.255", "128.0.0.0"],
];

/** Values that a schema of the stack file lets through, without regard to rules across fields. */
export function arbitraryOf(schema: z.core.$ZodType): Arbitrary<unknown> {
  const known = made.get(schema);
  if (known !== undefined) return known;
  const arbitrary = make(schema);
  made.set(schema, arbitrary);
  return arbitrary;
}

const made = new Map<z.core.$ZodType, Arbitrary<unknown>>();

function make(schema: z.core.$ZodType): Arbitrary<unknown> {
  if (isWrapper(schema)) return arbitraryOf(schema.unwrap());
  if (schema instanceof z.ZodObject) return record(schema.shape);
  if (schema instanceof z.ZodArray)
    return fc
      .array(arbitraryOf(schema.element), { maxLength: 3 })
      .filter((items) => z.safeParse(schema, items).success);
  if (schema instanceof z.ZodRecord)
    return fc.dictionary(arbitraryOf(schema.keyType) as Arbitrary<string>, arbitraryOf(schema.valueType), {
      maxKeys: 3,
    });
  if (schema instanceof z.ZodDiscriminatedUnion || schema instanceof z.ZodUnion)
    return fc.oneof(...schema.options.map(arbitraryOf));
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral)
    return fc.constantFrom(...(schema instanceof z.ZodEnum ? schema.options : schema.values));
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodNumber) return whole(schema);
  if (schema instanceof z.ZodString) return text(schema);
  throw new TypeError(`no values for a schema of type ${schema._zod.def.type}: say in test/fuzz/arbitrary.ts how`);
}

export function isWrapper(
  schema: z.core.$ZodType,
): schema is z.ZodOptional<z.ZodType> | z.ZodDefault<z.ZodType> | z.ZodPrefault<z.ZodType> {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
}

function record(shape: Record<string, z.core.$ZodType>): Arbitrary<unknown> {
  const fields = Object.entries(shape).filter(([, field]) => !isOpaque(field));
  return fc.record(Object.fromEntries(fields.map(([key, field]) => [key, arbitraryOf(field)])), {
    requiredKeys: fields.filter(([, field]) => !isWrapper(field)).map(([key]) => key),
    noNullPrototype: true,
  });
}

/** `connection` takes what is not known yet, so its schema takes anything. */
export function isOpaque(schema: z.core.$ZodType): boolean {
  return schema instanceof z.ZodUnknown || (isWrapper(schema) && isOpaque(schema.unwrap()));
}

/** Its ends are where mistakes are. */
function whole(schema: z.ZodNumber): Arbitrary<number> {
  const min = Math.max(Number(schema.minValue ?? Number.MIN_SAFE_INTEGER), Number.MIN_SAFE_INTEGER);
  const max = Math.min(Number(schema.maxValue ?? Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  return fc.oneof(fc.constantFrom(min, max), fc.integer({ min: Math.min(min, max), max }));
}

function text(schema: z.ZodString): Arbitrary<string> {
  const fits = (value: string): boolean => z.safeParse(schema, value).success;
  const patterns = (schema._zod.def.checks ?? []).flatMap((check) => {
    const { pattern } = check._zod.def as { pattern?: RegExp };
    return pattern === undefined ? [] : [pattern];
  });
  const among = texts.filter(fits);
  // A text that nothing is asked of: the content of a file.
  if (patterns.length === 0 && among.length === texts.length) return fc.oneof(hostileText, fc.string()).filter(fits);
  const drawn = patterns.length === 0 ? [] : [matching(patterns[patterns.length - 1]!).filter(fits)];
  const found = among.length === 0 ? [] : [fc.constantFrom(...among)];
  return fc.oneof(...drawn, ...found);
}

/** fast-check draws from patterns without assertions; those are left to a filter. */
function matching(pattern: RegExp): Arbitrary<string> {
  if (pattern.source.includes("\\p{")) return fc.constantFrom("ops", "/root/.ssh/agent", "host.example.net");
  let source = pattern.source;
  for (let next = without(source); next !== source; next = without(source)) source = next;
  const sizes = (["small", "medium"] as const).map((size) => fc.stringMatching(new RegExp(source), { size }));
  return fc.oneof(...sizes);
}

/** A pattern without its first assertion at the beginning. */
function without(source: string): string {
  const start = /^\^?\(\?[=!]/.exec(source)?.[0];
  if (start === undefined) return source;
  let depth = 0;
  for (let at = start.startsWith("^") ? 1 : 0; at < source.length; at++) {
    if (source[at] === "\\") at++;
    else if (source[at] === "(") depth++;
    else if (source[at] === ")" && --depth === 0) return `^${source.slice(at + 1)}`;
  }
  return source;
}
