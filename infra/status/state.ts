import type { Connection } from "../host/types.js";
import type { Daemon, Evidence, Table, VerificationPlan } from "../plan/types.js";
import { configurationOf, daemonOf, type DirectorInputs } from "../provider/director/inputs.js";
import type { Live } from "../provider/live.js";
import type { ProxyInputs } from "../provider/proxy/inputs.js";
import type { Proxies } from "../provider/proxy/sight.js";
import type { Readings } from "../provider/sections.js";
import { unwrapped, type Deployment, type Resource } from "./export.js";
import { liveOf, type LiveInputs } from "./live.js";

export type Role = "director" | "real server" | "router";

/** A host of a cluster. */
export interface KnownHost {
  name: string;
  role: Role;
  connection: Connection;
}

/** What a director was set up to serve. */
export interface KnownDirector {
  name: string;
  /** `none` where nothing but a proxy serves. */
  daemon: Daemon | "none";
  /** As `<dev> <address>/<prefix>`. */
  vips: string[];
  /** All that keepalived reads, as one text. */
  configuration: string;
  table: Table;
  /** What its proxy was set up to serve, where it runs one. */
  proxy?: Proxies;
}

/** A cluster as the last `up` left it. */
export interface KnownCluster {
  name: string;
  hosts: KnownHost[];
  directors: KnownDirector[];
  /** What must be live on each host, beside VIPs and tables. */
  live: Record<string, Live>;
  /** Names of real servers by address. */
  names: Record<string, string>;
  verification?: { evidence: Evidence; current: boolean };
}

/** The clusters in a state, each in front of those whose directors are its real servers. Throws when there is none. */
export function clustersOf(stack: string, { deployment }: Deployment): KnownCluster[] {
  const resources = (deployment?.resources ?? []).filter((each) => each.inputs && each.delete !== true);
  const parents = new Map((deployment?.resources ?? []).map(({ urn, parent }) => [urn, parent]));
  /** The component that a resource is part of: the outermost one of ours. */
  const clusterOf = (resource: Resource): string => {
    let found = resource.parent ?? resource.urn;
    for (let urn: string | undefined = resource.urn; urn !== undefined; urn = parents.get(urn))
      if (/[:$]lvs:index:(LvsCluster|ProxyPair)::/.test(urn)) found = urn;
    return found;
  };
  const groups = new Map<string, Resource[]>();
  for (const resource of resources)
    if (Object.values(TYPES).includes(resource.type)) {
      const cluster = clusterOf(resource);
      groups.set(cluster, [...(groups.get(cluster) ?? []), resource]);
    }
  const clusters = [...groups]
    .filter(([, parts]) => parts.some(({ type }) => type === TYPES.director || type === TYPES.proxy))
    .map(([urn, parts]) => clusterFrom(urn.split("::").pop()!, parts));
  if (clusters.length === 0)
    throw new Error(
      `status: stack ${stack} must have a cluster that was set up, got none. Run npm run -s pulumi -- up -s ${stack}.`,
    );
  return inOrder(clusters);
}

/** Each layer before the one behind it. */
function inOrder(clusters: KnownCluster[]): KnownCluster[] {
  const behind = ({ hosts }: KnownCluster) =>
    clusters.filter(({ directors }) =>
      hosts.some(({ name, role }) => role === "real server" && directors.some((director) => director.name === name)),
    );
  const depth = (cluster: KnownCluster): number => Math.max(0, ...behind(cluster).map((each) => depth(each) + 1));
  return [...clusters].sort((a, b) => depth(b) - depth(a) || byName(a, b));
}

const TYPES = {
  host: "lvs:index:Host",
  director: "lvs:index:Director",
  proxy: "lvs:index:Proxy",
  verification: "lvs:index:Verification",
};

interface HostInputs extends LiveInputs {
  connection: Connection;
}

interface VerificationInputs {
  plan: VerificationPlan;
  revisions: Record<string, number>;
}

function clusterFrom(name: string, parts: Resource[]): KnownCluster {
  const inputs = <T>(type: string) =>
    parts.filter((each) => each.type === type).map((each) => unwrapped(each.inputs) as T);
  const hosts = inputs<HostInputs>(TYPES.host);
  const directors = inputs<DirectorInputs>(TYPES.director);
  const proxies = new Map(inputs<ProxyInputs>(TYPES.proxy).map((proxy) => [proxy.host, proxy]));
  const verified = parts.find((each) => each.type === TYPES.verification);
  const proof = unwrapped(verified?.inputs) as VerificationInputs | undefined;
  const current = proof !== undefined && isCurrent(proof, parts);
  // A refresh puts what it found into the inputs of hosts and directors; in the plan of a proof stays what was set up.
  const plan = current ? proof.plan : undefined;
  const names = Object.assign({}, ...directors.map(({ change }) => change?.names)) as Record<string, string>;
  const serving = new Set([...directors.map(({ host }) => host), ...proxies.keys()]);
  const pool = new Set(
    parts
      .filter(({ type, urn }) => type === TYPES.host && urn.includes("lvs:index:RealServerPool$lvs:index:Host::"))
      .map((part) => String(part.inputs?.["host"])),
  );
  const roleOf = (host: string): Role => (serving.has(host) ? "director" : pool.has(host) ? "real server" : "router");
  const found = new Map(
    parts
      .filter(({ type }) => type === TYPES.host)
      .map(({ inputs: own, outputs }) => [
        String(own?.["host"]),
        unwrapped(outputs?.["found"]) as Readings | undefined,
      ]),
  );
  const evidence = unwrapped(verified?.outputs?.["evidence"]) as Evidence | undefined;
  const roles: Role[] = ["director", "real server", "router"];
  return {
    name,
    hosts: roles.flatMap((role) =>
      hosts
        .filter(({ host }) => roleOf(host) === role)
        .map(({ host, connection }) => ({ name: host, role, connection }))
        .sort(byName),
    ),
    directors: [...serving].sort().map((host): KnownDirector => {
      const director = directors.find((each) => each.host === host);
      const proxy = proxies.get(host);
      const served = proxy && { proxy: { engine: proxy.engine, services: proxy.services } };
      // Proxies that stand side by side have no VIPs.
      if (director === undefined)
        return { name: host, daemon: "none", vips: [], configuration: "", table: {}, ...served };
      const own = hosts.find((each) => each.host === host);
      return {
        name: host,
        daemon: daemonOf(director),
        // Without keepalived they are addresses of the host itself.
        vips: director.vips.length > 0 ? director.vips : Object.keys(proof?.plan.holders ?? own?.addresses ?? {}),
        configuration: configurationOf(director),
        table: plan?.table ?? director.table,
        ...served,
      };
    }),
    live: Object.fromEntries(
      hosts.map((inputs) => {
        const { host } = inputs;
        const set = liveOf(inputs, found.get(host));
        // The addresses of a director that move, or are its own VIPs, are looked at by themselves.
        const live = roleOf(host) === "director" ? { ...set, addresses: [] } : set;
        return [host, { ...live, ...plan?.realServers[host] }];
      }),
    ),
    names,
    ...(evidence && { verification: { evidence, current } }),
  };
}

/** The state has them in the order in which they were made, which changes. */
function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** True when the revisions that a proof was made of are those of the hosts now. */
function isCurrent({ revisions }: VerificationInputs, parts: Resource[]): boolean {
  const now = new Map(
    parts
      .filter(({ type }) => type !== TYPES.verification)
      .map(({ type, inputs, outputs }) => {
        const host = String(inputs?.["host"]);
        const part = type === TYPES.director ? "-serving" : type === TYPES.proxy ? "-proxy" : "";
        return [`${host}${part}`, outputs?.["revision"]];
      }),
  );
  const names = Object.keys(revisions);
  return names.length === now.size && names.every((name) => revisions[name] === now.get(name));
}
