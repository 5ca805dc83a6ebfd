import type { z } from "zod";
import { constraintsOf, sentence } from "./words.js";

/** A JSON Schema, draft 7. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/**
 * The rules of a value beside its type, each refused in the preview's words by `errorMessage`. yaml-language-server shows that
 * for patterns and types only and has words of its own for bounds and lengths: so these stand in an `if`, whose `else` refuses.
 */
export function clausesOf(schema: z.ZodType): JsonSchema {
  const sentences = new Map<string, JsonSchema[]>();
  for (const { keyword, value, words } of constraintsOf(schema)) {
    const errorMessage = sentence(words);
    sentences.set(errorMessage, [...(sentences.get(errorMessage) ?? []), { [keyword]: value }]);
  }
  const allOf = [...sentences].flatMap(([errorMessage, keywords]) => {
    const patterns = keywords.filter((each) => "pattern" in each);
    const bounds = Object.assign({}, ...keywords.filter((each) => !("pattern" in each))) as JsonSchema;
    // Bounds and lengths let null pass, so nothing that comes to this else is one.
    const refused = { if: bounds, else: { type: "null", errorMessage } };
    return [
      ...patterns.map((pattern) => ({ ...pattern, errorMessage })),
      ...(Object.keys(bounds).length > 0 ? [refused] : []),
    ];
  });
  return allOf.length > 0 ? { allOf } : {};
}
