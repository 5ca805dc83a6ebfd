import Handlebars from "handlebars";
import { readTemplate } from "./templates.js";

const engine = Handlebars.create();

/** First line of a rendered file: who wrote it, and that a change by hand will not last. */
engine.registerHelper("origin", function (this: unknown, options: Handlebars.HelperOptions) {
  const { root, template } = options.data as { root: { cluster: string }; template: string };
  return `Written by pulumi-lvs for cluster ${root.cluster}; do not edit: \`pulumi up\` puts it back. Template: ${template}`;
});

const compiled = new Map<string, Handlebars.TemplateDelegate>();

/**
 * Fills the template of a remote path (`/etc/sysctl.d/90-pulumi-lvs.conf`). The same context gives the same text. Throws when
 * the template is missing or uses a value that the context does not have.
 */
export function renderTemplate(path: string, context: Readonly<Record<string, unknown>>): string {
  const name = path.replace(/^\//, "");
  let run = compiled.get(name);
  if (run === undefined) {
    // No HTML escapes: these are configuration files, and the spec lets no special character through.
    run = engine.compile(readTemplate(name), {
      noEscape: true,
      strict: true,
      knownHelpers: { origin: true },
      knownHelpersOnly: true,
    });
    compiled.set(name, run);
  }
  return run(context, { data: { template: `${name}.hbs` } });
}
