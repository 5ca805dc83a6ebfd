import type { z } from "zod";
import { isWrapper, noteOf } from "../spec/note.js";
import { defaultOf, literalsOf } from "./fields.js";
import { code, either, linkTo, table } from "./markdown.js";
import { placeOf, placesIn, requireAll, type Parts, type Place } from "./places.js";
import { valuesOf } from "./value.js";

/** A page of the reference before its tables are filled in, and where it is kept, from the root. */
export interface Template {
  page: string;
  source: string;
  text: string;
}

/**
 * The pages of the reference: each template with a table of fields at each place. Every field of the schema must stand in one of
 * them, with its meaning; otherwise an error says which does not.
 */
export function reference(templates: readonly Template[], sections: Sections, parts: Parts): Record<string, string> {
  const pages = templates.map(({ page, source, text }) => ({ page, source, lines: placesIn(text, page, parts) }));
  const places = pages.flatMap(({ lines }) => lines.filter((line) => typeof line !== "string"));
  requireAll(sections, places);
  return Object.fromEntries(
    pages.map(({ page, source, lines }) => {
      const text = lines.map((line) => (typeof line === "string" ? line : tableOf(line, places))).join("\n");
      return [page, `<!-- Made by \`npm run schema\` of infra/spec/ and ${source}: edit those. -->\n\n${text}`];
    }),
  );
}

type Sections = Readonly<Record<string, z.ZodType>>;

function tableOf(place: Place, places: readonly Place[]): string {
  return place.what === "types" ? typesTable(place) : fieldsTable(place, places);
}

/** A row for each field; alternatives that have the same field share its row. */
function fieldsTable({ objects, fields, page }: Place, places: readonly Place[]): string {
  const link = (object: z.ZodObject): string => {
    const there = placeOf(object, places);
    return linkTo(there.heading, there.page === page ? "" : there.page);
  };
  const rows = new Map<string, { row: Record<string, string>; values: string[]; types: string[] }>();
  for (const { object, key, field } of fields) {
    const { description = "", becomes = "" } = noteOf(field);
    const row = { field: code(key), meaning: description, default: defaultText(field), becomes };
    const id = JSON.stringify(row);
    const { values, types } = rows.get(id) ?? { values: [], types: [] };
    rows.set(id, { row, values: [...values, ...valuesOf(field, link)], types: [...types, typeOf(object)] });
  }
  const typed = objects.some((object) => typeOf(object) !== "") && objects.length > 1;
  const lines = [...rows.values()].map(({ row, values, types }) => ({
    ...row,
    value: either([...new Set(values)]),
    type: !typed ? "" : types.length === objects.length ? "all" : types.join(", "),
  }));
  return table(["field", "type", "meaning", "value", "default", "becomes"], lines);
}

function typesTable({ objects }: Place): string {
  const rows = objects.map((object) => {
    const { description = "", becomes = "" } = noteOf(object);
    return { type: typeOf(object), meaning: description, becomes };
  });
  return table(["type", "meaning", "becomes"], rows);
}

/** The value of `type` that tells an alternative from the others. */
function typeOf(object: z.ZodObject): string {
  const type = object.shape["type"] as z.ZodType | undefined;
  return type?.type === "literal" ? either(literalsOf(type as z.ZodLiteral).map(code)) : "";
}

/** What holds when the field is left out; nothing where it must be given. */
function defaultText(field: z.ZodType): string {
  const { unset } = noteOf(field);
  if (unset !== undefined) return unset;
  if (!isWrapper(field)) return "";
  const value = defaultOf(field);
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return value === undefined || isEmpty ? "none" : code(value);
}
