import * as pulumi from "../resources/pulumi.js";
import {
  checkLayerTogether,
  isProxyInput,
  joining,
  parseLab,
  parseLayers,
  parseOneLayer,
  SpecError,
  type ClusterInput,
  type LabInput,
  type Layer,
  type Problem,
  type ProxyInput,
} from "../spec/index.js";
import type { ClusterHost, LvsClusterArgs } from "./args.js";
import { Lab } from "./lab.js";
import { LvsCluster } from "./lvs-cluster.js";
import { ProxyPair, type ProxyPairArgs } from "./proxy-pair.js";

/** What a stack file made: its lab, its cluster or its layers. */
export interface StackResources {
  lab?: Lab;
  cluster?: LvsCluster | ProxyPair;
  /** Layers by name, the one behind all others first. */
  layers?: Record<string, LvsCluster | ProxyPair>;
}

/**
 * Makes what the stack file describes under `lvs:lab`, and under `lvs:cluster` or `lvs:layers`; throws every problem at once before
 * that.
 */
export function fromStackFile(): StackResources {
  const labInput = section("lab");
  const clusterInput = section("cluster");
  const layersInput = section("layers");
  const layers = checkStackFile(labInput, clusterInput, layersInput);

  const lab = labInput === undefined ? undefined : new Lab("lab", labInput as LabInput);
  const made: StackResources = lab ? { lab } : {};
  if (clusterInput !== undefined) made.cluster = newCluster("lvs", clusterInput as ClusterInput | ProxyInput, lab);
  if (layers.length > 0) made.layers = newLayers(layers, layersInput as Record<string, object>, lab);
  return made;
}

/** A part of the stack file. Its secrets are in the clear here: the components mark them again. */
function section(key: string): unknown {
  // Not `requireObject`: it warns of the secrets inside, and `requireSecretObject` would make every line of it secret.
  const text = pulumi.allConfig()[`lvs:${key}`];
  return text === undefined ? undefined : JSON.parse(text);
}

function checkStackFile(labInput: unknown, clusterInput: unknown, layersInput: unknown): Layer[] {
  const problems: Problem[] = [];
  const good = joining(problems);
  const lab = labInput === undefined ? undefined : good(parseLab(labInput))?.lab;
  const layer = clusterInput === undefined ? undefined : good(parseOneLayer(clusterInput));
  // Without a lab the components themselves ask for connections that are missing.
  const withLab = (each: Layer, at: string) => {
    const across = lab ? checkLayerTogether(each, lab) : [];
    problems.push(...across.map((problem) => ({ ...problem, path: problem.path.replace(/^cluster/, () => at) })));
  };
  if (layer) withLab(layer, "cluster");
  const layers = layersInput === undefined ? [] : (good(parseLayers(layersInput))?.layers ?? []);
  for (const each of layers) withLab(each, `layers.${each.name}`);
  const say = (rule: string, got: string, next: string) => problems.push({ path: "lvs:cluster", rule, got, next });
  if (clusterInput !== undefined && layersInput !== undefined)
    say("a cluster or layers", "both", "Make the cluster one of the layers.");
  if (labInput === undefined && clusterInput === undefined && layersInput === undefined)
    say("a stack file describes a cluster, a lab or both", "nothing", "See docs/stack-file.md.");
  // A RunError is shown without the stack trace of this program, which would tell the user nothing.
  if (problems.length > 0) throw new pulumi.RunError(new SpecError(problems).message);
  return layers;
}

/** Each layer after the one behind it, whose proxies are its real servers. */
function newLayers(layers: Layer[], input: Record<string, object>, lab: Lab | undefined) {
  const made: Record<string, LvsCluster | ProxyPair> = {};
  for (const { name, behind } of layers) {
    const next = behind === undefined ? undefined : made[behind];
    const given = { name, ...input[name] } as ClusterInput | ProxyInput;
    made[name] = newCluster(name, given, lab, next instanceof ProxyPair ? next : undefined);
  }
  return made;
}

function newCluster(
  name: string,
  input: ClusterInput | ProxyInput,
  lab: Lab | undefined,
  behind?: ProxyPair,
): LvsCluster | ProxyPair {
  const args = withConnections(input, lab, behind?.proxies);
  return isProxyInput(input)
    ? new ProxyPair(name, args as unknown as ProxyPairArgs)
    : new LvsCluster(name, args as unknown as LvsClusterArgs);
}

/** Hosts without a connection of their own are the lab's machines of the same name. */
function withConnections(
  cluster: ClusterInput | ProxyInput,
  lab: Lab | undefined,
  proxies?: ClusterHost<"realServers">[],
): object {
  const connected = <T extends { name: string; connection?: unknown }>(host: T) => {
    const machine = lab?.machines[host.name];
    if (host.connection || !machine) return host;
    return { ...host, connection: machine.connection, deletedWith: machine };
  };
  const { verification } = cluster;
  const client = verification && connected({ name: verification.client, connection: verification.connection });
  return {
    ...cluster,
    directors: cluster.directors.map(connected),
    realServers: proxies ?? (cluster.realServers as { name: string }[]).map(connected),
    ...(cluster.routers && { routers: cluster.routers.map(connected) }),
    ...(client ? { verification: { client: client.name, connection: client.connection } } : {}),
  };
}
