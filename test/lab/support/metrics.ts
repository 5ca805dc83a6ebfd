import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** All PromQL of a folder with alerts.yml and dashboard.json. */
export function expressions(folder: string): string[] {
  const rules = parse(readFileSync(join(folder, "alerts.yml"), "utf8")) as { groups: { rules: { expr: string }[] }[] };
  const dashboard = JSON.parse(readFileSync(join(folder, "dashboard.json"), "utf8")) as {
    panels: { targets?: { expr: string }[] }[];
  };
  return [
    ...rules.groups.flatMap(({ rules: all }) => all.map(({ expr }) => expr)),
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ];
}

/** Labels that Prometheus adds itself. */
const ADDED = ["job", "cluster", "instance"];

/** Metrics of an expression, with the labels by which they are chosen, that an exporter's text does not have. */
export function missingIn(text: string, expression: string): string[] {
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  return [...expression.matchAll(/\b(node_[a-z0-9_]+)(\{[^}]*\})?/g)].flatMap(([, name = "", matchers = ""]) => {
    const having = lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    const labels = [...matchers.matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)].filter(([, label]) => !ADDED.includes(label!));
    const fits = having.filter((line) =>
      labels.every(([, label, sign, value]) =>
        sign === "=" ? line.includes(`${label}="${value}"`) : line.includes(`${label}="`),
      ),
    );
    return fits.length > 0 ? [] : [`${name}${matchers}`];
  });
}
