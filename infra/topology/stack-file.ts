import { parse } from "yaml";
import {
  checkTogether,
  isProxyInput,
  parseCluster,
  parseLab,
  SpecError,
  type Cluster,
  type Lab,
} from "../spec/index.js";

/** What a stack file describes. */
export interface StackFile {
  cluster: Cluster;
  lab?: Lab;
}

/**
 * Reads and checks a stack file as a preview does, but with no passphrase: a secret counts as some text, and none is
 * drawn. Throws a SpecError with every problem.
 */
export function readStackFile(text: string): StackFile {
  const { config = {} } = (parse(text) ?? {}) as { config?: Record<string, unknown> };
  const [labInput, clusterInput] = [config["lvs:lab"], config["lvs:cluster"]].map(withoutSecrets);
  if (clusterInput === undefined)
    throw new SpecError([
      { path: "lvs:cluster", rule: "a cluster to draw", got: "nothing", next: "See docs/stack-file.md." },
    ]);
  if (isProxyInput(clusterInput))
    throw new SpecError([
      {
        path: "lvs:cluster",
        rule: "a cluster of LVS, because proxies are not drawn yet",
        got: "one of proxies",
        next: "See docs/proxy.md.",
      },
    ]);
  const lab = labInput === undefined ? undefined : parseLab(labInput);
  const cluster = parseCluster(clusterInput);
  const problems = [lab, cluster].flatMap((result) => (result && "problems" in result ? result.problems : []));
  if (!("cluster" in cluster) || problems.length > 0) throw new SpecError(problems);
  const known = lab && "lab" in lab ? lab.lab : undefined;
  const across = checkTogether(cluster.cluster, known);
  if (across.length > 0) throw new SpecError(across);
  return { cluster: cluster.cluster, ...(known && { lab: known }) };
}

/** True for a stack with a cluster of LVS; proxies and layers are not drawn yet. */
export function isDrawn(text: string): boolean {
  const { config = {} } = (parse(text) ?? {}) as { config?: Record<string, unknown> };
  return config["lvs:cluster"] !== undefined && !isProxyInput(config["lvs:cluster"]);
}

/** Stands for a secret: short enough for every rule of length. */
const SECRET = "secret";

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "secure") return SECRET;
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutSecrets(inner)]));
}
