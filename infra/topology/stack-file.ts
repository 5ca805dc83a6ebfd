import { parse } from "yaml";
import {
  checkLayerTogether,
  hiddenKey,
  joining,
  parseLab,
  parseLayers,
  parseOneLayer,
  SpecError,
  type Lab,
  type Layer,
  type Problem,
} from "../spec/index.js";

/** What a stack file describes. */
export interface StackFile {
  /** The one that clients come to first. */
  layers: Layer[];
  lab?: Lab;
}

/**
 * Reads and checks a stack file as a preview does, but with no passphrase: a secret counts as some text, and none is
 * drawn. Throws a SpecError with every problem.
 */
export function readStackFile(text: string): StackFile {
  const { config = {} } = (parse(text) ?? {}) as { config?: Record<string, unknown> };
  const section = (key: string) => withoutSecrets(config[`lvs:${key}`]);
  const problems: Problem[] = [];
  const good = joining(problems);
  const [labInput, clusterInput, layersInput] = [section("lab"), section("cluster"), section("layers")];
  const lab = labInput === undefined ? undefined : good(parseLab(labInput))?.lab;
  const layers: Layer[] = [];
  if (layersInput !== undefined) layers.push(...(good(parseLayers(layersInput))?.layers ?? []).reverse());
  else if (clusterInput === undefined)
    problems.push({ path: "lvs:cluster", rule: "a cluster to draw", got: "nothing", next: "See docs/stack-file.md." });
  else {
    const layer = good(parseOneLayer(clusterInput));
    if (layer !== undefined) layers.push(layer);
  }
  if (problems.length === 0) problems.push(...layers.flatMap((layer) => checkLayerTogether(layer, lab)));
  if (problems.length > 0) throw new SpecError(problems);
  return { layers, ...(lab && { lab }) };
}

/** Stands for a secret: short enough for every rule of length. */
const SECRET = "secret";

function withoutSecrets(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(each));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "secure") return key === "privateKey" ? hiddenKey : SECRET;
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutSecrets(inner, name)]));
}
