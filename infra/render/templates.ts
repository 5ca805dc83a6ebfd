import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The folder of templates: `templates/` of the nearest package above this file that has one, be it the checkout
 * (`infra/render`) or the installed package (`dist/infra/render`).
 */
export function templatesFolder(from: string = __dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "templates");
    if (existsSync(join(folder, "package.json")) && existsSync(candidate)) return candidate;
    if (folder === dirname(folder))
      throw new Error(`no templates/ beside a package.json above ${from}. Reinstall pulumi-lvs.`);
  }
}

/** The text of a template; `path` is the remote path without its leading slash. */
export function readTemplate(path: string): string {
  return readFileSync(join(templatesFolder(), `${path}.hbs`), "utf8");
}
