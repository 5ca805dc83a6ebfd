import { readlink } from "node:fs/promises";
import { listLabIds } from "./inventory.js";
import { listNamespaces } from "./links.js";
import { belongsTo, labId, stackOf } from "./names.js";
import { deleteNetwork } from "./network.js";
import { labsDir } from "./paths.js";
import { findProcesses } from "./processes.js";

/** Ids in everything that a lab can leave: directories, namespaces, processes (by the directory that they run in). */
async function traces(): Promise<string[]> {
  const ids = await listLabIds();
  const namespaces = (await listNamespaces()).filter((name) => name.startsWith("lvs-")).map((name) => name.slice(4));
  const processes = await findProcesses((mark) => mark.startsWith("lvs-"));
  const directories = await Promise.all(processes.map(({ pid }) => readlink(`/proc/${pid}/cwd`).catch(() => "")));
  const parent = `${labsDir()}/`;
  const running = directories
    .filter((dir) => dir.startsWith(parent))
    .map((dir) => dir.slice(parent.length).split("/")[0] ?? "");
  const all = new Set([...ids, ...namespaces, ...running]);
  return [...all].filter((id) => stackOf(id) !== undefined).sort();
}

/** Which labs {@link clean} removes. */
export interface CleanScope {
  /** Absolute path of the project whose labs are meant. */
  root: string;
  /** Only the lab of this stack. */
  stack?: string;
  /** Labs of other projects too. */
  all?: boolean;
}

/**
 * Removes labs however broken their state is: an id proves by itself which project and stack it belongs to.
 * @returns the ids of the labs that were removed
 */
export async function clean(scope: CleanScope): Promise<string[]> {
  const found = await traces();
  const chosen =
    scope.stack !== undefined
      ? found.filter((id) => id === labId(scope.stack ?? "", scope.root) || (scope.all && stackOf(id) === scope.stack))
      : found.filter((id) => scope.all || belongsTo(id, scope.root));
  for (const id of chosen) await deleteNetwork(id);
  return chosen;
}
