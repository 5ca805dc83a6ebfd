import type { Cluster } from "./cluster.js";
import type { Lab } from "./lab.js";
import { suggest } from "./nearest.js";
import { layerSchemas } from "./layer.js";
import { isProxyInput, lookAtCluster, lookAtProxy, parseCluster, parseProxy } from "./parse.js";
import { formatPath, valueAt, type Path } from "./path.js";
import type { Problem } from "./problem.js";
import type { Proxy } from "./proxy.js";
import { shapeProblems } from "./shape.js";
import { show } from "./show.js";
import { checkProxyTogether, checkTogether, wantsAnything } from "./together.js";

/** One layer of a stack: a cluster of LVS or of proxies. */
export type Layer = {
  name: string;
  /** The layer whose directors are the real servers of this one. */
  behind?: string;
} & ({ cluster: Cluster } | { proxy: Proxy });

/** A cluster as the only layer of its stack: the cluster with every default, or every problem at once. */
export function parseOneLayer(input: unknown): Layer | { problems: Problem[] } {
  const result = isProxyInput(input) ? parseProxy(input) : parseCluster(input);
  return "problems" in result ? result : { name: "cluster", ...result };
}

/** Rules between a layer and the lab that it runs in. */
export function checkLayerTogether(layer: Layer, lab: Lab | undefined): Problem[] {
  return "cluster" in layer ? checkTogether(layer.cluster, lab) : checkProxyTogether(layer.proxy, lab);
}

/** What was made of a part, if anything; its problems join those of all other parts. */
export function joining(problems: Problem[]) {
  return <Made extends object>(result: Made | { problems: Problem[] }): Made | undefined => {
    if (!("problems" in result)) return result;
    problems.push(...result.problems);
    return undefined;
  };
}

/** What is said of a director that counts for its host, whichever layer sets it up. */
const ofTheHost = ["name", "address", "address6", "interface", "connection", "networkBackend", "networkNames"] as const;
type OfTheHost = (typeof ofTheHost)[number];

/** A director as real server of the layer in front; `layer` is the director's own, whose default counts for it. */
export function asRealServer<Director extends object>(
  director: Director,
  layer: Pick<Director, Extract<keyof Director, "networkBackend">>,
): Pick<Director, Extract<keyof Director, OfTheHost>> {
  const said: Record<string, unknown> = { networkBackend: valueAt(layer, ["networkBackend"]) };
  for (const key of ofTheHost) said[key] = valueAt(director, [key]) ?? said[key];
  const known = Object.entries(said).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as Pick<Director, Extract<keyof Director, OfTheHost>>;
}

/** Checks layers as a person wrote them, by name: every problem at once, or the layers, the one behind all others first. */
export function parseLayers(input: unknown): { layers: Layer[] } | { problems: Problem[] } {
  const shape = layerSchemas().layers;
  const { success, error } = shape.safeParse(input);
  const problems = success ? [] : shapeProblems(shape, error.issues, input, "layers");
  if (typeof input !== "object" || input === null || Array.isArray(input)) return { problems };
  const all = input as Record<string, unknown>;
  const say = (at: Path, rule: string, got: string, next: string) =>
    problems.push({ path: formatPath(["layers", ...at]), rule, got, next });

  const order: string[] = [];
  const circular: string[] = [];
  const visit = (name: string, from: string[]) => {
    if (order.includes(name)) return;
    const next = behindOf(all[name]);
    if (next !== undefined && [...from, name].includes(next)) {
      circular.push(name);
      const rule = "a layer that is not in front of this one";
      say([name, "realServers", "layer"], rule, show(next), "Name another one.");
    } else if (next !== undefined && all[next] !== undefined) visit(next, [...from, name]);
    order.push(name);
  };
  for (const name of Object.keys(all).sort()) visit(name, []);

  const layers = order.flatMap((name): Layer[] => {
    const behind = behindOf(all[name]);
    if (behind !== undefined) {
      const next = all[behind];
      const pools = Object.keys(all).filter((each) => isProxyInput(all[each]) && each !== name);
      const at = [name, "realServers", "layer"];
      if (circular.includes(name)) return [];
      if (next === undefined || !isProxyInput(next)) {
        say(at, "a layer of proxies", show(behind), suggest(behind, pools));
        return [];
      }
      if (Object.keys((next as { vips?: object }).vips ?? {}).length > 0) {
        const rule = "a layer without vips, because clients come to its proxies over this one";
        say(at, rule, show(behind), `Take vips and vrrp out of layer ${behind}.`);
        return [];
      }
    }
    const whole = typeof all[name] === "object" && all[name] !== null ? { name, ...resolved(all, name) } : all[name];
    const { across, made } = isProxyInput(whole) ? lookAtProxy(whole) : lookAtCluster(whole);
    const at = formatPath(["layers", name]);
    problems.push(...across.map((each) => ({ ...each, path: each.path.replace(/^cluster/, () => at) })));
    return made === undefined ? [] : [{ name, ...(behind !== undefined && { behind }), ...made }];
  });
  if (problems.length === 0) problems.push(...between(layers));
  return problems.length > 0 ? { problems } : { layers };
}

function behindOf(layer: unknown): string | undefined {
  const name = valueAt(layer, ["realServers", "layer"]);
  return typeof name === "string" ? name : undefined;
}

/** A layer with the directors of the one behind it as its real servers. */
function resolved(all: Record<string, unknown>, name: string): object {
  const layer = all[name] as object;
  const behind = behindOf(layer);
  if (behind === undefined) return layer;
  const directors = valueAt(all[behind], ["directors"]);
  const realServers = (Array.isArray(directors) ? directors : []).map((director: object) =>
    asRealServer(director, all[behind] as object),
  );
  return { ...layer, realServers };
}

/**
 * A host is director of one layer, one layer sets it up otherwise, since both would write the same files there, and no two
 * layers speak for one VIP or with one virtual router id.
 */
function between(layers: readonly Layer[]): Problem[] {
  const taken = new Map<string, string>();
  const said = new Set<string>();
  return layers.flatMap((layer) => {
    const spec = "cluster" in layer ? layer.cluster : layer.proxy;
    const claims: [Path, string | number, string][] = [
      ...spec.directors.map(({ name }, index): [Path, string, string] => [["directors", index, "name"], name, "host"]),
      ...setUp(layer).map(([at, name]): [Path, string, string] => [at, name, "host to set up"]),
      ...spec.vips.map(({ address }, index): [Path, string, string] => [["vips", index, "address"], address, "VIP"]),
      ...(spec.vrrp === undefined
        ? []
        : [[["vrrp", "virtualRouterId"], spec.vrrp.virtualRouterId, "virtual router id"] as [Path, number, string]]),
    ];
    return claims.flatMap(([at, value, what]) => {
      const key = `${what} ${value}`;
      const path = formatPath(["layers", layer.name, ...at]);
      const other = taken.get(key);
      taken.set(key, other ?? path);
      if (other === undefined || said.has(path)) return [];
      said.add(path);
      return [
        {
          path,
          rule: rules[what] ?? `a ${what} that no other layer has`,
          got: `${show(value)} as in ${other}`,
          next: "Change one of them.",
        },
      ];
    });
  });
}

const rules: Readonly<Record<string, string>> = {
  host: "a host that is director of no other layer",
  "host to set up": "a host that no other layer sets up",
};

/** The hosts on which a layer writes files that another layer would write as well; the directors of proxies have names of their own for theirs. */
function setUp(layer: Layer): [Path, string][] {
  const { routers, directors, realServers } = "cluster" in layer ? layer.cluster : layer.proxy;
  const untouched =
    !("cluster" in layer) || (layer.cluster.forwarding === "fullnat" && layer.cluster.firewall?.allow !== true);
  const at = (index: number): Path =>
    layer.behind === undefined ? ["realServers", index, "name"] : ["realServers", "layer"];
  return [
    ...("cluster" in layer ? directors : []).map(({ name }, index): [Path, string] => [
      ["directors", index, "name"],
      name,
    ]),
    ...realServers.flatMap((server, index): [Path, string][] =>
      untouched && !wantsAnything(server) ? [] : [[at(index), server.name]],
    ),
    ...routers.map(({ name }, index): [Path, string] => [["routers", index, "name"], name]),
  ];
}
