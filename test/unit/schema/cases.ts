import { stringify } from "yaml";
import { sections } from "../../../infra/schema/sections.js";
import { checkTogether, parseCluster, parseLab, parseLayers, parseProxy } from "../../../infra/spec/index.js";
import { formatProblem, type Problem } from "../../../infra/spec/problem.js";
import { shapeProblems } from "../../../infra/spec/shape.js";
import { proxyPair, twoLayers } from "../plan/proxy-variants.js";
import { caseOne, cases, changed, checked, type Change } from "../spec/case-1.js";
import type { Complaint } from "./complaints.js";

/** A bad stack file of the table cases. */
export interface BadFile {
  title: string;
  stackFile: unknown;
  /** The same as YAML. */
  yaml: string;
  /** All that the preview says. */
  problems: Problem[];
  /** What it says of single fields: a schema can say this too. */
  ofFields: Problem[];
  /** What it says across fields. */
  acrossFields: Problem[];
}

/** The parts of a stack file that a table changes, and what the preview says of them. */
const tables: Record<string, (change: Change) => { parts: Record<string, unknown>; said: object }> = {
  "cluster-problems.json": (change) => {
    const cluster = changed(caseOne().cluster, change);
    return { parts: { cluster }, said: parseCluster(cluster) };
  },
  "proxy-problems.json": (change) => {
    const cluster = changed(proxyPair(), change);
    return { parts: { cluster }, said: parseProxy(cluster) };
  },
  "layers-problems.json": (change) => {
    const layers = changed(twoLayers(), change);
    return { parts: { layers }, said: parseLayers(layers) };
  },
  "lab-problems.json": (change) => {
    const lab = changed(caseOne().lab, change);
    return { parts: { lab }, said: parseLab(lab) };
  },
  "together-problems.json": (change) => {
    const parts = changed(caseOne(), change);
    const lab = parts.lab === undefined ? undefined : (parseLab(parts.lab) as { lab: never }).lab;
    return { parts, said: { problems: checkTogether(checked(parts.cluster), lab) } };
  },
};

function badFile({ title, parts, said }: { title: string; parts: Record<string, unknown>; said: object }): BadFile {
  const ofFields = Object.entries(parts).flatMap(([name, input]) => {
    const schema = sections[name]!;
    const { success, error } = schema.safeParse(input);
    return success ? [] : shapeProblems(schema, error.issues, input, name);
  });
  const shape = new Set(ofFields.map(formatProblem));
  const problems = "problems" in said ? (said.problems as Problem[]) : [];
  const config = Object.fromEntries(Object.entries(parts).map(([name, input]) => [`lvs:${name}`, input]));
  const acrossFields = problems.filter((problem) => !shape.has(formatProblem(problem)));
  return { title, stackFile: { config }, yaml: stringify({ config }), problems, ofFields, acrossFields };
}

/** Every bad stack file of test/cases/spec. */
export const badFiles = Object.entries(tables).flatMap(([file, make]) =>
  cases<(Change & { title: string })[]>(file).map((bad) => badFile({ title: bad.title, ...make(bad) })),
);

/**
 * What a schema says of a problem of the preview: rule and next step, which may be a nearer one in the preview. Of a field that is
 * missing it says all that the preview does, from the field's name on, since it has no place of its own.
 */
export function saysTheSame({ path, message }: Complaint, problem: Problem): boolean {
  if (path !== problem.path) return false;
  if (problem.got === "nothing" && problem.next === "Add it.")
    return formatProblem(problem).endsWith(message) && message.endsWith(`${problem.rule}, got nothing. Add it.`);
  return message.startsWith(`${problem.rule}. `) && problem.rule !== "";
}
