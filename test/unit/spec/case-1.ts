import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseCluster, SpecError, type Cluster, type ClusterInput, type LabInput } from "../../../infra/spec/index.js";

const folder = join(__dirname, "../../cases/spec");

/** A file of test/cases/spec. */
export function cases<T>(name: string): T {
  return JSON.parse(readFileSync(join(folder, name), "utf8")) as T;
}

/** Case 1 of the articles as a stack file has it, a new copy each time. */
export function caseOne(): { cluster: ClusterInput; lab: LabInput } {
  return cases("case-1.json");
}

/** A checked cluster; the problems are thrown. */
export function checked(input: unknown): Cluster {
  const result = parseCluster(input);
  if ("problems" in result) throw new SpecError(result.problems);
  return result.cluster;
}

/** A change of a table case: JSON pointers with new values (`-` appends), and pointers that are taken out. */
export interface Change {
  set?: Record<string, unknown>;
  unset?: string[];
}

/** A copy of `base` with the change made. */
export function changed<T>(base: T, { set = {}, unset = [] }: Change): T {
  const copy = structuredClone(base);
  for (const [pointer, value] of Object.entries(set)) {
    const { parent, key } = locate(copy, pointer);
    if (Array.isArray(parent) && key === "-") parent.push(value);
    else (parent as Record<string, unknown>)[key] = value;
  }
  for (const pointer of unset) {
    const { parent, key } = locate(copy, pointer);
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete (parent as Record<string, unknown>)[key];
  }
  return copy;
}

function locate(root: unknown, pointer: string): { parent: unknown; key: string } {
  const keys = pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const key = keys.pop() ?? "";
  const parent = keys.reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], root);
  return { parent, key };
}
