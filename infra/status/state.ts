import type { Connection } from "../host/types.js";
import type { Daemon, Evidence, HostPlan, Table, VerificationPlan } from "../plan/types.js";
import { configurationOf, daemonOf, type DirectorInputs } from "../provider/director/inputs.js";
import type { Live } from "../provider/live.js";
import { unwrapped, type Deployment, type Resource } from "./export.js";

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
  daemon: Daemon;
  /** As `<dev> <address>/<prefix>`. */
  vips: string[];
  /** All that keepalived reads, as one text. */
  configuration: string;
  table: Table;
}

/** A cluster as the last `up` left it. */
export interface KnownCluster {
  name: string;
  hosts: KnownHost[];
  directors: KnownDirector[];
  realServers: Record<string, Live>;
  /** Names of real servers by address. */
  names: Record<string, string>;
  verification?: { evidence: Evidence; current: boolean };
}

/** The clusters in a state. Throws when there is none. */
export function clustersOf(stack: string, { deployment }: Deployment): KnownCluster[] {
  const resources = (deployment?.resources ?? []).filter((each) => each.inputs && each.delete !== true);
  const parents = new Map((deployment?.resources ?? []).map(({ urn, parent }) => [urn, parent]));
  /** The component that a resource is part of: the outermost one of ours. */
  const clusterOf = (resource: Resource): string => {
    let found = resource.parent ?? resource.urn;
    for (let urn: string | undefined = resource.urn; urn !== undefined; urn = parents.get(urn))
      if (/[:$]lvs:index:LvsCluster::/.test(urn)) found = urn;
    return found;
  };
  const groups = new Map<string, Resource[]>();
  for (const resource of resources)
    if (Object.values(TYPES).includes(resource.type)) {
      const cluster = clusterOf(resource);
      groups.set(cluster, [...(groups.get(cluster) ?? []), resource]);
    }
  const clusters = [...groups]
    .filter(([, parts]) => parts.some(({ type }) => type === TYPES.director))
    .map(([urn, parts]) => clusterFrom(urn.split("::").pop()!, parts));
  if (clusters.length === 0)
    throw new Error(
      `status: stack ${stack} must have a cluster that was set up, got none. Run npm run -s pulumi -- up -s ${stack}.`,
    );
  return clusters;
}

const TYPES = { host: "lvs:index:Host", director: "lvs:index:Director", verification: "lvs:index:Verification" };

interface HostInputs extends Partial<HostPlan> {
  host: string;
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
  const verified = parts.find((each) => each.type === TYPES.verification);
  const proof = unwrapped(verified?.inputs) as VerificationInputs | undefined;
  const current = proof !== undefined && isCurrent(proof, parts);
  // A refresh puts what it found into the inputs of hosts and directors; in the plan of a proof stays what was set up.
  const plan = current ? proof.plan : undefined;
  const names = Object.assign({}, ...directors.map(({ change }) => change?.names)) as Record<string, string>;
  const serving = directors.map(({ host }) => host);
  const pool = new Set(Object.values(names));
  const roleOf = (host: string): Role =>
    serving.includes(host) ? "director" : pool.has(host) ? "real server" : "router";
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
    directors: directors
      .sort((a, b) => byName({ name: a.host }, { name: b.host }))
      .map((director) => {
        const own = hosts.find(({ host }) => host === director.host);
        return {
          name: director.host,
          daemon: daemonOf(director),
          // Without keepalived they are addresses of the host itself.
          vips: director.vips.length > 0 ? director.vips : Object.keys(proof?.plan.holders ?? own?.addresses ?? {}),
          configuration: configurationOf(director),
          table: plan?.table ?? director.table,
        };
      }),
    realServers: Object.fromEntries(
      hosts
        .filter(({ host }) => roleOf(host) === "real server")
        .map(({ host, addresses = {}, routes = {}, sysctls = {} }) => {
          return [host, plan?.realServers[host] ?? { addresses: Object.keys(addresses), routes, sysctls }];
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
        return [type === TYPES.director ? `${host}-serving` : host, outputs?.["revision"]];
      }),
  );
  const names = Object.keys(revisions);
  return names.length === now.size && names.every((name) => revisions[name] === now.get(name));
}
