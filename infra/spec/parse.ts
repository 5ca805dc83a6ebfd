import type { z } from "zod";
import { cluster, type Cluster } from "./cluster.js";
import { draftOf } from "./draft.js";
import { lab, type Lab } from "./lab.js";
import { meets, namesEngine } from "./layer.js";
import { proxy, type Proxy } from "./proxy.js";
import type { Problem } from "./problem.js";
import { addressFamilies, furtherLabels, uniqueAddresses, vipLabels, vipNetworks } from "./rules/addresses.js";
import { client } from "./rules/client.js";
import { commandLength } from "./rules/commands.js";
import {
  dipGateway,
  dipNetwork,
  families,
  lipFamily,
  lipRange,
  methodFields,
  portMapping,
  tunnelFamily,
} from "./rules/forwarding.js";
import { labAddresses, labSegments, labSubnets } from "./rules/lab.js";
import { names } from "./rules/names.js";
import { networkBackend } from "./rules/network.js";
import { serviceOptions, withoutKeepalived } from "./rules/options.js";
import { checkPorts, servicePorts, uniqueServices } from "./rules/ports.js";
import {
  capacity,
  engines,
  headers,
  httpOnly,
  keyPairs,
  proxyChecks,
  proxyPlaces,
  proxyVips,
  proxyWeights,
  requestRules,
  reservedProxyNames,
} from "./rules/proxy.js";
import { reservedNames, reservedSysctls, movingRoutes, routes } from "./rules/reserved.js";
import type { Rule } from "./rules/rule.js";
import { flags, knownVips, serviceRealServers, totalWeight } from "./rules/services.js";
import {
  connectionSync,
  instances,
  preemption,
  priorities,
  returning,
  states,
  tracking,
  unicastPeers,
} from "./rules/vrrp.js";
import { shapeProblems } from "./shape.js";

/** Names and addresses of every cluster. */
const placing = [names, uniqueAddresses, addressFamilies, vipNetworks, vipLabels, furtherLabels];

/** Who is master of what, in every cluster. */
const electing = [priorities, states, preemption, unicastPeers, instances];

const clusterRules: readonly Rule<Cluster>[] = [
  ...placing,
  methodFields,
  dipNetwork,
  dipGateway,
  lipRange,
  lipFamily,
  families,
  tunnelFamily,
  ...electing,
  returning,
  connectionSync,
  tracking,
  commandLength,
  withoutKeepalived,
  uniqueServices,
  servicePorts,
  checkPorts,
  serviceOptions,
  knownVips,
  serviceRealServers,
  totalWeight,
  portMapping,
  flags,
  reservedNames,
  reservedSysctls,
  routes,
  movingRoutes,
  networkBackend,
  client,
];

/** Those of every cluster that are not about IPVS, and a proxy's own. */
const proxyRules: readonly Rule<Proxy>[] = [
  ...placing,
  ...electing,
  tracking,
  proxyVips,
  proxyPlaces,
  knownVips,
  serviceRealServers,
  totalWeight,
  proxyWeights,
  capacity,
  httpOnly,
  headers,
  engines,
  proxyChecks,
  requestRules,
  keyPairs,
  reservedNames,
  reservedProxyNames,
  movingRoutes,
  routes,
  networkBackend,
  client,
];

const labRules: readonly Rule<Lab>[] = [labSegments, labAddresses, labSubnets];

/** Checks a cluster as a person wrote it: the cluster with every default, or every problem at once. */
export function parseCluster(input: unknown): { cluster: Cluster } | { problems: Problem[] } {
  const { made, wrong, across } = lookAtCluster(input);
  return made ?? { problems: [...wrong, ...across] };
}

/** Checks a cluster of proxies as a person wrote it: with every default, or every problem at once. */
export function parseProxy(input: unknown): { proxy: Proxy } | { problems: Problem[] } {
  const { made, wrong, across } = lookAtProxy(input);
  return made ?? { problems: [...wrong, ...across] };
}

/** A cluster without any problem, and else its problems, those of single fields apart from those across fields. */
export function lookAtCluster(input: unknown): Seen<{ cluster: Cluster }> {
  const { value, ...problems } = look(cluster, clusterRules, input, "cluster");
  return { ...problems, made: value && { cluster: value } };
}

/** The same of a cluster of proxies. */
export function lookAtProxy(input: unknown): Seen<{ proxy: Proxy }> {
  const { value, ...problems } = look(proxy, proxyRules, input, "cluster");
  return { ...problems, made: value && { proxy: value } };
}

/** True for a cluster that says which proxy its directors run. */
export function isProxyInput(input: unknown): boolean {
  return meets(input, namesEngine);
}

/** Checks a lab as a person wrote it: the lab with every default, or every problem at once. */
export function parseLab(input: unknown): { lab: Lab } | { problems: Problem[] } {
  const { value, wrong, across } = look(lab, labRules, input, "lab");
  return value === undefined ? { problems: [...wrong, ...across] } : { lab: value };
}

interface Seen<Made> {
  made: Made | undefined;
  wrong: Problem[];
  across: Problem[];
}

function look<T extends z.ZodType>(
  schema: T,
  rules: readonly Rule<z.infer<T>>[],
  input: unknown,
  root: string,
): { value: z.infer<T> | undefined; wrong: Problem[]; across: Problem[] } {
  const shape = schema.safeParse(input);
  const wrong = shape.success ? [] : shapeProblems(schema, shape.error.issues, input, root);
  const draft = shape.success ? shape.data : draftOf(schema, input);
  const across =
    draft === undefined ? [] : rules.flatMap((rule) => rule(draft as Parameters<Rule<z.infer<T>>>[0], input));
  return { value: shape.success && across.length === 0 ? shape.data : undefined, wrong, across };
}
