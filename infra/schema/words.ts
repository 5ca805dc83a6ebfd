import { z } from "zod";
import { noteOf } from "../spec/note.js";
import { formatProblem, unsay, type Problem } from "../spec/problem.js";
import { shapeProblems } from "../spec/shape.js";
import { keywordsOf } from "./keywords.js";

/** A rule and its next step, as the preview says them. */
export type Words = Pick<Problem, "rule" | "next">;

/** `a whole number from 1 to 65535. Choose one in this range.` */
export function sentence({ rule, next }: Words): string {
  return `${rule}. ${next}`;
}

/** What the preview says of a value of the wrong type. */
export function typeWords(schema: z.ZodType): Words {
  return problemOf(schema, null, "");
}

/** What the preview says, after the path of the object, when the field `key` of this schema is missing. */
export function missingWords(schema: z.ZodType, key: string): string {
  return formatProblem(problemOf(schema, undefined, key));
}

/** What the preview says when the field that tells alternatives apart has no known value. */
export function choiceWords(union: z.ZodDiscriminatedUnion, key: string): Words {
  return problemOf(union, { [key]: null }, "");
}

/** What the preview says, after the path of the object, when that field is missing. */
export function missingChoice(union: z.ZodDiscriminatedUnion, key: string): string {
  return formatProblem({ ...problemOf(union, {}, ""), path: key });
}

function problemOf(schema: z.ZodType, input: unknown, path: string): Problem {
  const { success, error } = schema.safeParse(input);
  const problem = success ? undefined : shapeProblems(schema, error.issues, input, path)[0];
  if (problem === undefined) throw new Error(`${schema.type} takes ${JSON.stringify(input)}, so it has no words`);
  return problem;
}

/** One rule beside the type, as a keyword of JSON Schema. */
export interface Constraint {
  keyword: string;
  value: string | number;
  words: Words;
}

/**
 * The rules of a text, a number, a list or a map beside its type. A rule that is a function is known by its keywords, or is said
 * in its note to be the preview's alone; one that is neither, or without words of its own, is an error of the schema.
 */
export function constraintsOf(schema: z.ZodType): Constraint[] {
  const { unsaid = [], word } = noteOf(schema);
  const keywords = keywordsOf(schema);
  const known = word === true ? 1 : keywords.length + unsaid.length;
  let functions = 0;
  const own = (schema.def.checks ?? []).flatMap((check): Constraint[] => {
    const { def } = check._zod;
    const found = keywordOf(def as CheckDef, schema instanceof z.ZodArray ? "Items" : "Length");
    if (found !== undefined) return [{ ...found, words: wordsOf(def.error?.({} as never)) }];
    functions += 1;
    if (def.check === "custom" && functions <= known) return [];
    throw new Error(`a check of ${schema.type} by ${def.check} is not known to the JSON Schema: give it keywords`);
  });
  return [...own, ...keywords.map(({ keyword, value, message }) => ({ keyword, value, words: wordsOf(message) }))];
}

type CheckDef =
  | z.core.$ZodCheckRegexDef
  | z.core.$ZodCheckGreaterThanDef
  | z.core.$ZodCheckLessThanDef
  | z.core.$ZodCheckMinLengthDef
  | z.core.$ZodCheckMaxLengthDef;

function keywordOf(def: CheckDef, size: "Items" | "Length"): Omit<Constraint, "words"> | undefined {
  switch (def.check) {
    case "string_format":
      if (def.format !== "regex" || /[^u]/.test(def.pattern.flags)) return undefined;
      return { keyword: "pattern", value: def.pattern.source };
    case "greater_than":
      return { keyword: def.inclusive ? "minimum" : "exclusiveMinimum", value: Number(def.value) };
    case "less_than":
      return { keyword: def.inclusive ? "maximum" : "exclusiveMaximum", value: Number(def.value) };
    case "min_length":
      return { keyword: `min${size}`, value: def.minimum };
    case "max_length":
      return { keyword: `max${size}`, value: def.maximum };
    default:
      return undefined;
  }
}

function wordsOf(message: unknown): Words {
  const words = typeof message === "string" ? unsay(message) : undefined;
  if (words === undefined) throw new Error(`a check has no words of its own: ${String(message)}`);
  return words;
}
