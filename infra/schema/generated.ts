import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { stackFileSchema } from "./json-schema.js";
import { reference } from "./reference.js";
import { parts, sections } from "./sections.js";

const pages = ["stack-file.md", "proxy.md"];

/** The templates of the pages that are made. */
export const templates = pages.map((page) => ({
  page,
  source: `infra/schema/${page}`,
  text: readFileSync(join(__dirname, page), "utf8"),
}));

/** The files that are made from the schema of the stack file, by their paths from the root. */
export async function generated(): Promise<{ path: string; text: string }[]> {
  const schema = `${JSON.stringify(stackFileSchema(sections), null, 1)}\n`;
  const options = { ...(await resolveConfig(join(__dirname, "stack-file.md"))), parser: "markdown" };
  const made = Object.entries(reference(templates, sections, parts)).map(async ([page, text]) => ({
    path: `docs/${page}`,
    text: await format(text, options),
  }));
  return [{ path: "docs/stack-file.schema.json", text: schema }, ...(await Promise.all(made))];
}
