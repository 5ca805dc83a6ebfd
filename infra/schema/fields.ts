import { z } from "zod";
import { isWrapper, noteOf } from "../spec/note.js";

/** Fields of an object in the order in which they are written. */
export function fieldsOf(schema: z.ZodObject): [string, z.ZodType][] {
  return Object.entries<z.ZodType>(schema.shape);
}

/** The last key of a path. */
export function keyOf(at: string): string {
  return at.slice(at.lastIndexOf(".") + 1);
}

/** What is taken for a field that is left out, as a person would write it; undefined where it must be given, or means nothing. */
export function defaultOf(schema: z.ZodType): unknown {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault ? schema.def.defaultValue : undefined;
}

/** The values that an enum or a literal takes. */
export function literalsOf(schema: z.ZodEnum | z.ZodLiteral): unknown[] {
  return schema instanceof z.ZodEnum ? schema.options : [...schema.values];
}

/** Alternatives that one field tells apart, each with the values of that field. */
export function optionsOf(union: z.ZodDiscriminatedUnion): { values: unknown[]; option: z.ZodObject }[] {
  return (union.options as z.ZodObject[]).map((option) => ({
    values: literalsOf(option.shape[union.def.discriminator] as z.ZodLiteral),
    option,
  }));
}

/** True for a union of single values. */
export function isLiterals(schema: z.ZodType): schema is z.ZodUnion<z.ZodLiteral[]> {
  return schema instanceof z.ZodUnion && schema.options.every((option) => option instanceof z.ZodLiteral);
}

/** Objects that a value of this schema is made of: its own, of its alternatives, its items, its values. */
export function objectsIn(schema: z.core.$ZodType): z.ZodObject[] {
  const { fields, choice } = noteOf(schema);
  if (fields !== undefined) return [fields];
  if (choice !== undefined) return [...objectsIn(choice.else), ...objectsIn(choice.then)];
  if (isWrapper(schema)) return objectsIn(schema.unwrap());
  if (schema instanceof z.ZodObject) return [schema];
  if (schema instanceof z.ZodArray) return objectsIn(schema.element);
  if (schema instanceof z.ZodRecord) return objectsIn(schema.valueType);
  return schema instanceof z.ZodUnion ? schema.options.flatMap((option) => objectsIn(option)) : [];
}
