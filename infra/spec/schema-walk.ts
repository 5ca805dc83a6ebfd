import { z } from "zod";
import { isWrapper } from "./note.js";
import { valueAt, type Path } from "./path.js";

/** The schema of what stands at `path`, chosen by the input where there are alternatives; undefined where there is none. */
export function schemaAt(schema: z.core.$ZodType, path: Path, input: unknown): z.core.$ZodType | undefined {
  const inner = unwrap(schema, input);
  const [key, ...rest] = path;
  if (key === undefined) return inner;
  const value = valueAt(input, [key]);
  if (inner instanceof z.ZodObject) {
    const field = (inner.shape as Record<PropertyKey, z.core.$ZodType>)[key];
    return field && schemaAt(field, rest, value);
  }
  if (inner instanceof z.ZodArray) return schemaAt(inner.element, rest, value);
  if (inner instanceof z.ZodRecord) return schemaAt(inner.valueType, rest, value);
  return undefined;
}

/** Keys that an object of this schema may have; none for other schemas. */
export function keysOf(schema: z.core.$ZodType | undefined): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** Values of `type` that a union of objects tells its alternatives apart by. */
export function typesOf(schema: z.core.$ZodType | undefined): string[] {
  return schema instanceof z.ZodDiscriminatedUnion ? schema.options.flatMap(literals) : [];
}

function literals(option: z.core.$ZodType): string[] {
  const type = option instanceof z.ZodObject ? (option.shape as Record<string, unknown>)["type"] : undefined;
  return type instanceof z.ZodLiteral ? [...type.values].map(String) : [];
}

/** The schema behind optional and default; of alternatives the object that the input means. */
function unwrap(schema: z.core.$ZodType, input: unknown): z.core.$ZodType {
  if (isWrapper(schema)) {
    return unwrap(schema.unwrap(), input);
  }
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const type = String(valueAt(input, ["type"]));
    return schema.options.find((option) => literals(option).includes(type)) ?? schema;
  }
  if (schema instanceof z.ZodUnion) return schema.options.find((option) => option instanceof z.ZodObject) ?? schema;
  return schema;
}
