import { z } from "zod";

/** What is known of a field beside its rule, kept as zod's metadata: the reference and the JSON Schema are made of it. */
export interface Note {
  /** What the field means, in Markdown. */
  description?: string;
  /** What it becomes: the word of keepalived, ipvsadm or ip, in Markdown. */
  becomes?: string;
  /** What holds when it is left out, where that is no default of the schema; in Markdown. */
  unset?: string;
  /** Rules that are functions and that no keyword can say: they are the preview's alone. */
  unsaid?: readonly string[];
  /** A name for a rule that stands in many places, or that is a function: `infra/schema/keywords.ts` has it for editors. */
  name?: string;
  /** True for a text that is none of JavaScript's own names. */
  word?: boolean;
  /** The schema of a value that is passed through as it came. */
  fields?: z.ZodObject;
  /** The schemas of a value that is one of two things. */
  choice?: Choice;
  /** True where a value may be secret though its key does not say so. */
  secret?: boolean;
}

/** Two schemas, and the condition that tells which of them a value means. */
export interface Choice {
  /** As JSON Schema has it. */
  if: { type: "array" } | { type: "object"; required: readonly [string] };
  then: z.ZodType;
  else: z.ZodType;
}

/** Metadata of a field: its meaning, what it becomes, what holds without it. */
export function note(description: string, more: Pick<Note, "becomes" | "unset">): Note & Record<string, unknown> {
  return { description, ...more };
}

/** Metadata of a field; what stands further outside wins. */
export function noteOf(schema: z.core.$ZodType): Note {
  const own = z.globalRegistry.get(schema) as Note | undefined;
  const inside = isWrapper(schema) ? noteOf(schema.unwrap()) : {};
  return { ...inside, ...own };
}

type Wrapper = z.ZodOptional | z.ZodDefault | z.ZodPrefault;

/** True for optional and default, which say nothing of the value itself. */
export function isWrapper(schema: z.core.$ZodType): schema is Wrapper {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
}
