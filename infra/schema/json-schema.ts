import { z } from "zod";
import { isWrapper, noteOf, type Choice } from "../spec/note.js";
import { knownKey } from "../spec/shape.js";
import { isSecretPath } from "../spec/show.js";
import { clausesOf, type JsonSchema } from "./clauses.js";
import { defaultOf, fieldsOf, isLiterals, keyOf, literalsOf, optionsOf } from "./fields.js";
import { plain } from "./markdown.js";
import { choiceWords, missingChoice, missingWords, sentence, typeWords } from "./words.js";

/**
 * The JSON Schema (draft 7) of a stack file with these sections: it refuses what their schemas refuse, field by field and in the
 * preview's words. Rules across fields are not in it.
 */
export function stackFileSchema(sections: Readonly<Record<string, z.ZodType>>): JsonSchema {
  const writer = new Writer();
  const config = Object.entries(sections).map(([name, schema]) => [`lvs:${name}`, writer.field(schema, name)]);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A stack file of pulumi-lvs",
    type: "object",
    properties: { config: { type: "object", properties: Object.fromEntries(config) as JsonSchema } },
    definitions: Object.fromEntries(writer.definitions),
  };
}

/** What stands in the file for a value that Pulumi keeps encrypted; the program gets the text. */
const encrypted: JsonSchema = {
  type: "object",
  properties: { secure: { type: "string" } },
  required: ["secure"],
  propertyNames: { enum: ["secure"] },
};

/** Writes schemas; `at` is the path of a field, `cluster.services.port`. */
class Writer {
  /** Each object once, by its name or the path at which it is seen first; and rules that have a name. */
  readonly definitions = new Map<string, JsonSchema>();
  private readonly names = new Map<z.ZodObject, string>();

  /** A field with its meaning and its default. */
  field(schema: z.ZodType, at: string): JsonSchema {
    const { secret } = noteOf(schema);
    const value = this.value(schema, at);
    const initial = defaultOf(schema);
    return {
      ...meaning(schema),
      ...(initial !== undefined && { default: initial }),
      ...(secret === true || isSecretPath([keyOf(at)]) ? { if: encrypted, then: {}, else: value } : value),
    };
  }

  private value(schema: z.ZodType, at: string): JsonSchema {
    const { fields, choice, name } = noteOf(schema);
    if (fields !== undefined) return this.value(fields, at);
    if (choice !== undefined) return this.choice(choice, at);
    if (isWrapper(schema)) return this.value(schema.unwrap() as z.ZodType, at);
    if (schema instanceof z.ZodObject) {
      const seen = this.names.get(schema) ?? name ?? at;
      if (!this.names.has(schema) && this.definitions.has(seen)) throw new Error(`two objects are called ${seen}`);
      this.names.set(schema, seen);
      return this.reference(seen, () => this.object(schema, seen));
    }
    return name === undefined ? this.plainValue(schema, at) : this.reference(name, () => this.plainValue(schema, at));
  }

  /** A reference to a schema that is written once. */
  private reference(name: string, write: () => JsonSchema): JsonSchema {
    if (!this.definitions.has(name)) {
      // Its place in the list comes before those of the objects in it.
      this.definitions.set(name, {});
      this.definitions.set(name, write());
    }
    return { allOf: [{ $ref: `#/definitions/${name}` }] };
  }

  private plainValue(schema: z.ZodType, at: string): JsonSchema {
    const errorMessage = sentence(typeWords(schema));
    if (isLiterals(schema)) return { enum: schema.options.flatMap(literalsOf), errorMessage };
    if (schema instanceof z.ZodDiscriminatedUnion) return { errorMessage, ...this.alternatives(schema, at) };
    if (schema instanceof z.ZodUnion) return this.union(schema, at);
    if (schema instanceof z.ZodRecord) {
      const propertyNames = this.value(schema.keyType as z.ZodType, at);
      const additionalProperties = this.field(schema.valueType as z.ZodType, at);
      return { type: "object", errorMessage, propertyNames, additionalProperties, ...clausesOf(schema) };
    }
    if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral)
      return { enum: literalsOf(schema), errorMessage };
    const items = schema instanceof z.ZodArray ? { items: this.field(schema.element as z.ZodType, at) } : {};
    return { type: typeOf(schema), errorMessage, ...items, ...clausesOf(schema) };
  }

  /** One of two schemas, by a condition; an editor offers the key that decides wherever it may be added. */
  private choice(choice: Choice, at: string): JsonSchema {
    const decides = choice.if.type === "object" ? choice.if.required[0] : undefined;
    const shape = choice.then instanceof z.ZodObject ? (choice.then.shape as Record<string, z.ZodType>) : {};
    const field = decides === undefined ? undefined : shape[decides];
    return {
      if: choice.if,
      then: this.value(choice.then, at),
      else: this.value(choice.else, at),
      ...(decides !== undefined && field && { properties: { [decides]: meaning(field) } }),
    };
  }

  /** An object with its own keys only; each required one is asked for on its own, so that it is named. */
  private object(schema: z.ZodObject, at: string): JsonSchema {
    const fields = fieldsOf(schema);
    const known = fields.map(([key]) => key);
    const required = fields.filter(([, field]) => !field.safeParse(undefined).success);
    const allOf = required.map(([key, field]) => ({ required: [key], errorMessage: missingWords(field, key) }));
    return {
      type: "object",
      errorMessage: sentence(typeWords(schema)),
      propertyNames: { enum: known, errorMessage: sentence(knownKey(known)) },
      properties: Object.fromEntries(fields.map(([key, field]) => [key, this.field(field, `${at}.${key}`)])),
      ...(allOf.length > 0 && { allOf }),
    };
  }

  /** Objects that one field tells apart: an unknown value is refused there, a known one chooses the object. */
  private alternatives(schema: z.ZodDiscriminatedUnion, at: string): JsonSchema {
    const by = schema.def.discriminator;
    const options = optionsOf(schema);
    const choice = { enum: options.flatMap(({ values }) => values), errorMessage: sentence(choiceWords(schema, by)) };
    return {
      type: "object",
      properties: { [by]: choice },
      allOf: [
        { required: [by], errorMessage: missingChoice(schema, by) },
        ...options.map(({ values, option }) => ({
          if: { properties: { [by]: { enum: values } }, required: [by] },
          then: this.object(option, at),
        })),
      ],
    };
  }

  /** Alternatives of different types: the keywords of each bind its own type only, so that they can stand side by side. */
  private union(schema: z.ZodUnion, at: string): JsonSchema {
    const options = (schema.options as z.ZodType[]).map((option) =>
      option instanceof z.ZodObject ? this.object(option, at) : this.plainValue(option, at),
    );
    const types = options.map(({ type }) => type);
    if (types.includes(undefined) || new Set(types).size < types.length)
      throw new Error(`${at} has alternatives that their types do not tell apart`);
    const allOf = options.flatMap(({ allOf }) => (allOf as JsonSchema[] | undefined) ?? []);
    return {
      ...(Object.assign({}, ...options) as JsonSchema),
      type: types,
      errorMessage: sentence(typeWords(schema)),
      allOf,
    };
  }
}

/** What an editor shows beside a field. */
function meaning(schema: z.ZodType): JsonSchema {
  const { description, becomes, unset } = noteOf(schema);
  if (description === undefined) return {};
  const more = [description, becomes && `Becomes: ${becomes}.`, unset && `Left out: ${unset}.`];
  return { description: plain(description), markdownDescription: plain(more.filter(Boolean).join("\n\n")) };
}

function typeOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodArray) return "array";
  if (schema instanceof z.ZodBoolean) return "boolean";
  if (schema instanceof z.ZodString) return "string";
  if (schema instanceof z.ZodNumber) return schema.isInt ? "integer" : "number";
  throw new Error(`a field of type ${schema.type} is not known to the JSON Schema`);
}
