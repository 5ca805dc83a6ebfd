import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { ClusterPlan } from "../../../infra/plan/types.js";

const folder = join(__dirname, "../../cases/plan");

/**
 * A plan as a tree of readable files: `<host>/etc/…` for what is written there, `<host>.json` for all else of a host,
 * `verification.json`.
 */
export function treeOf(plan: ClusterPlan): Record<string, string> {
  const tree: Record<string, string> = {};
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  for (const [name, { files, ...host }] of Object.entries(plan.hosts)) {
    const director = plan.directors[name];
    const proxy = plan.proxies?.[name];
    const served = { ...director?.files, ...proxy?.files };
    const all = { ...files, ...served };
    const modes = Object.fromEntries(
      Object.entries(all).map(([path, { mode, owner, group }]) => [path, `${mode} ${owner}:${group}`]),
    );
    const serves = director && { serves: { ...director, files: Object.keys(director.files) } };
    const proxies = proxy && { proxy: { ...proxy, files: Object.keys(proxy.files) } };
    tree[`${name}.json`] = json({ ...host, files: modes, ...serves, ...proxies });
    for (const [path, { content }] of Object.entries(all)) tree[`${name}${path}`] = content;
  }
  tree["verification.json"] = json(plan.verification);
  return tree;
}

/** The kept tree of a case; with UPDATE_CASES=1 the given one is kept first, to be read before it is committed. */
export function keptTree(name: string, now: Record<string, string>): Record<string, string> {
  const root = join(folder, name);
  if (process.env["UPDATE_CASES"] === "1") {
    rmSync(root, { recursive: true, force: true });
    for (const [path, content] of Object.entries(now)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
  }
  if (!existsSync(root)) return {};
  return Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(root, path), readFileSync(path, "utf8")]),
  );
}
