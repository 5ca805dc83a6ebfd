import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { toStringMethod } from "fast-check";
import { parse } from "yaml";
import { variants } from "../unit/plan/variants.js";

/** A whole input: a cluster, with its lab where it is a stack file's. */
export interface Base {
  title: string;
  cluster: unknown;
  lab?: unknown;
  /** A failure names it, and does not print it. */
  [toStringMethod]?: () => string;
}

const folder = join(__dirname, "../../stacks");

/** The stack files of LVS, with clear text in the place of what is encrypted in them, and every variant of case 1. */
export const bases: readonly Base[] = [
  ...readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .flatMap((title): Base[] => {
      const { config } = parse(readFileSync(join(folder, title), "utf8")) as {
        config: { "lvs:cluster"?: { engine?: unknown; vrrp?: { authPass?: unknown } }; "lvs:lab": unknown };
      };
      const { "lvs:cluster": cluster, "lvs:lab": lab } = config;
      // Proxies and layers have a schema of their own.
      if (cluster === undefined || cluster.engine !== undefined) return [];
      if (cluster.vrrp?.authPass !== undefined) cluster.vrrp.authPass = "1111";
      return [{ title, cluster, lab }];
    }),
  // As a person writes them: without what was left out.
  ...variants().map(([title, cluster]): Base => ({ title, cluster: JSON.parse(JSON.stringify(cluster)) as unknown })),
].map((base) => ({ ...base, [toStringMethod]: () => base.title }));
