import { z } from "zod";
import { isWrapper } from "./note.js";

/** A spec of which each part may be missing because it was wrong: what rules across fields can still look at. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? readonly (Draft<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Draft<T[Key]> }
    : T;

/**
 * Keeps the parts of `input` that fit the schema and leaves `undefined` where one does not, so that one mistake does not
 * hide another. List positions stay as they are.
 */
export function draftOf<T extends z.ZodType>(schema: T, input: unknown): Draft<z.infer<T>> | undefined {
  return salvage(schema, input) as Draft<z.infer<T>> | undefined;
}

function salvage(schema: z.core.$ZodType, input: unknown): unknown {
  const whole = z.safeParse(schema, input);
  if (whole.success) return whole.data;
  if (isWrapper(schema)) {
    return salvage(schema.unwrap(), input);
  }
  if (schema instanceof z.ZodArray)
    return Array.isArray(input) ? input.map((item) => salvage(schema.element, item)) : undefined;
  if (typeof input !== "object" || input === null) return undefined;
  const fields = input as Record<string, unknown>;
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Record<string, z.core.$ZodType>;
    return Object.fromEntries(Object.entries(shape).map(([key, field]) => [key, salvage(field, fields[key])]));
  }
  if (schema instanceof z.ZodRecord) {
    const { keyType, valueType } = schema;
    // A key is a name that messages show, so one that is none is left out.
    const named = Object.entries(fields).filter(([key]) => z.safeParse(keyType, key).success);
    return Object.fromEntries(named.map(([key, field]) => [key, salvage(valueType, field)]));
  }
  return undefined;
}
