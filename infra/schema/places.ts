import type { z } from "zod";
import { noteOf } from "../spec/note.js";
import { fieldsOf, objectsIn } from "./fields.js";

/** Objects by the first word of a path. */
export type Parts = Readonly<Record<string, readonly z.ZodObject[]>>;

/** A place for a table: `{{fields cluster.directors except cluster.routers}}`, `{{types cluster.services.check}}`. */
export interface Place {
  what: "fields" | "types";
  /** The one object, or the alternatives. */
  objects: z.ZodObject[];
  /** Their fields that stand here; none of them under `types`. */
  fields: { object: z.ZodObject; key: string; field: z.ZodType }[];
  /** The page that it is on, and the heading above it. */
  page: string;
  heading: string;
}

/** The lines of the template of a page, with the places among them. */
export function placesIn(template: string, page: string, parts: Parts): (string | Place)[] {
  let heading = "";
  return template.split("\n").map((line) => {
    heading = /^#+ (.+)$/.exec(line)?.[1] ?? heading;
    const [, what, at = "", except = ""] = /^\{\{(fields|types) (.+?)(?: except (.+))?\}\}$/.exec(line) ?? [];
    if (what !== "fields" && what !== "types") return line;
    const objects = objectsAt(parts, at);
    const elsewhere =
      except === ""
        ? []
        : objectsAt(parts, except)
            .flatMap(fieldsOf)
            .map(([, field]) => field);
    const fields = objects.flatMap((object) => fieldsOf(object).map(([key, field]) => ({ object, key, field })));
    const here = what === "fields" ? fields.filter(({ field }) => !elsewhere.includes(field)) : [];
    return { what, objects, fields: here, page, heading };
  });
}

/** The objects, or the alternatives, at `cluster.services.check proxy.services.check`. */
function objectsAt(parts: Parts, paths: string): z.ZodObject[] {
  const all = paths.split(" ").flatMap((at) => {
    const [part = "", ...keys] = at.split(".");
    const found = keys.reduce<readonly z.ZodObject[]>((objects, key) => {
      const fields = objects.flatMap((object) => fieldsOf(object).filter(([name]) => name === key));
      return fields.flatMap(([, field]) => objectsIn(field));
    }, parts[part] ?? []);
    if (found.length === 0) throw new Error(`a template names ${at}, which is no object of the stack file`);
    return found;
  });
  return [...new Set(all)];
}

/** Throws when a field of the stack file stands in no table, or has no meaning. */
export function requireAll(sections: Readonly<Record<string, z.ZodType>>, places: readonly Place[]): void {
  const shown = new Set(places.flatMap(({ fields }) => fields.map(({ field }) => field)));
  const walk = (object: z.ZodObject, at: string): void => {
    for (const [key, field] of fieldsOf(object)) {
      const path = `${at}.${key}`;
      if (!shown.has(field)) throw new Error(`${path} is in no table: give a template a {{fields ${at}}}`);
      if (noteOf(field).description === undefined) throw new Error(`${path} has no meaning: describe it`);
      for (const inner of objectsIn(field)) walk(inner, path);
    }
  };
  for (const [name, section] of Object.entries(sections)) for (const object of objectsIn(section)) walk(object, name);
}

/** Where an object is described: its own table, or one that has all its fields. */
export function placeOf(object: z.ZodObject, places: readonly Place[]): Place {
  const has = (place: Place) =>
    fieldsOf(object).every(([, field]) => place.fields.some((each) => each.field === field));
  const place = places.find(({ what, objects }) => what === "fields" && objects.includes(object)) ?? places.find(has);
  if (place === undefined) throw new Error(`an object with ${Object.keys(object.shape).join(", ")} is in no table`);
  return place;
}
