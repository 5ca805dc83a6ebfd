import { z } from "zod";
import { isWrapper, noteOf } from "../spec/note.js";
import { isLiterals, literalsOf, objectsIn } from "./fields.js";
import { code, either } from "./markdown.js";
import { constraintsOf, typeWords } from "./words.js";

/** Says in Markdown where the fields of an object are described. */
export type LinkTo = (object: z.ZodObject) => string;

/** Each of the things that may stand in a field, as {@link valueOf} has them. */
export function valuesOf(schema: z.ZodType, linkTo: LinkTo): string[] {
  const { choice } = noteOf(schema);
  return choice === undefined
    ? [valueOf(schema, linkTo)]
    : [valueOf(choice.then, linkTo), valueOf(choice.else, linkTo)];
}

/** What may stand in a field, in Markdown and in the words of the preview. */
export function valueOf(schema: z.ZodType, linkTo: LinkTo): string {
  const { fields, choice } = noteOf(schema);
  if (fields !== undefined) return `an object, see ${linkTo(fields)}`;
  if (choice !== undefined) return either(valuesOf(schema, linkTo));
  if (isWrapper(schema)) return valueOf(schema.unwrap() as z.ZodType, linkTo);
  if (schema instanceof z.ZodObject) return `an object, see ${linkTo(schema)}`;
  if (isLiterals(schema)) return either(schema.options.flatMap(literalsOf).map(code));
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral) return either(literalsOf(schema).map(code));
  if (schema instanceof z.ZodDiscriminatedUnion) return `an object, see ${linkTo(schema.options[0] as z.ZodObject)}`;
  if (schema instanceof z.ZodUnion && objectsIn(schema).length > 0)
    return either((schema.options as z.ZodType[]).map((option) => valueOf(option, linkTo)));
  const { rule } = typeWords(schema);
  const rules = schema instanceof z.ZodUnion ? [] : [...new Set(constraintsOf(schema).map(({ words }) => words.rule))];
  if (schema instanceof z.ZodArray) {
    const item = valueOf(schema.element as z.ZodType, linkTo);
    return [`${rule}, each ${item}`, ...rules].join("; ");
  }
  if (schema instanceof z.ZodRecord) {
    const key = valueOf(schema.keyType as z.ZodType, linkTo);
    return `${rule}, each key ${key}; each value ${valueOf(schema.valueType as z.ZodType, linkTo)}`;
  }
  return rules.length === 0 || rules.includes(rule) ? rule : rules.join("; ");
}
