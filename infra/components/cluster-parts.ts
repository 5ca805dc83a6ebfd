import * as pulumi from "../resources/pulumi.js";
import type { ClusterPlan } from "../plan/types.js";
import { Verification } from "../resources/verification.js";
import type { Vrrp } from "../spec/index.js";
import { isPending } from "./args.js";
import { DirectorPair } from "./director-pair.js";
import { bare, connections, hideAuth, PASS_STAND_IN, rollout, type GivenHost } from "./given.js";
import { RealServerPool, type RoleHost } from "./real-server-pool.js";
import { Router } from "./router.js";

/** What clusters of both kinds are given alike. */
interface Given {
  name?: string;
  networkBackend?: GivenHost["networkBackend"];
  vrrp?: { authPass?: pulumi.Input<string | undefined> };
  routers?: GivenHost[];
  directors: (GivenHost & { priority?: unknown })[];
  realServers: (Omit<GivenHost, "connection"> & { connection?: GivenHost["connection"] | undefined })[];
  verification?: { client: string; connection: GivenHost["connection"] };
}

/** Makes the children of a cluster, in the order in which they need each other: routers, real servers, directors, the proof. */
export function clusterParts(
  parent: pulumi.ComponentResource,
  name: string,
  given: Given,
  parts: {
    plan: pulumi.Output<ClusterPlan>;
    /** Real servers on which something is set up, and those at which the proof looks. */
    realServers: { setUp: RoleHost[]; proven: RoleHost[] };
    authPass: pulumi.Input<string | undefined> | undefined;
    /** The private keys of the directors' proxies, where they run one. */
    proxySecrets?: Record<string, pulumi.Input<string>>;
    /** False where proxies stand side by side, and no VIP moves. */
    vrrp?: boolean;
  },
): { pair: DirectorPair; proof: Verification } {
  const { routers: givenRouters = [], directors, verification } = given;
  const { plan, realServers, authPass, ...proxies } = parts;
  const hostPlans = plan.apply(({ hosts }) => hosts);
  const routers = connections(givenRouters, given).map((router) => ({
    name: router.name,
    host: new Router(name, router, hostPlans, parent).host,
  }));
  const routerHosts = routers.map(({ host }) => host);
  const pool = new RealServerPool(
    name,
    { hosts: realServers.setUp, plan: hostPlans },
    // The way to the real servers and back comes before them.
    { parent, ...(routers.length > 0 && { dependsOn: routerHosts }) },
  );
  const pair = new DirectorPair(
    name,
    {
      hosts: rollout(connections(directors, given), directors),
      plan,
      secrets: { auth_pass: authPass },
      // A director lists real servers only once they can answer.
      after: [...routerHosts, ...pool.hosts],
      ...proxies,
    },
    { parent },
  );
  const proof = new Verification(
    `${name}-verification`,
    {
      directors: connections(directors),
      realServers: realServers.proven,
      client: verification && { name: verification.client, connection: verification.connection },
      plan: plan.apply((whole) => whole.verification),
      revisions: {
        ...Object.fromEntries(routers.map(({ name: router, host }) => [router, host.revision])),
        ...pool.revisions,
        ...pair.revisions,
      },
    },
    {
      parent,
      dependsOn: [...routerHosts, ...pool.hosts, ...pair.resources],
      customTimeouts: { create: "10m", update: "10m" },
    },
  );
  return { pair, proof };
}

/** Names of the directors, the one with the highest priority first, and what else clusters of both kinds tell of themselves. */
export function outputsOf(
  spec: pulumi.Output<{
    vips: { address: string }[];
    directors: { name: string; priority: number }[];
    realServers: { name: string; address: string }[];
  }>,
) {
  return {
    vips: spec.apply(({ vips }) => vips.map(({ address }) => address.split("/")[0]!)),
    directors: spec.apply(({ directors }) =>
      [...directors].sort((a, b) => b.priority - a.priority).map((director) => director.name),
    ),
    realServers: spec.apply(({ realServers }) =>
      Object.fromEntries(realServers.map((realServer) => [realServer.name, realServer.address])),
    ),
  };
}

/**
 * The checked spec; `own` are fields in the place of those given. The VRRP password and the connections stay outside: an Output
 * that holds a secret is secret as a whole, and then no preview could show a line of it.
 */
export function resolved<Spec extends { vrrp?: Vrrp | undefined }>(
  name: string,
  args: Given,
  parse: (input: unknown) => Spec,
  own: object = {},
): pulumi.Output<Spec> {
  const { authPass, ...vrrp } = args.vrrp ?? {};
  // A stand-in keeps the length rule satisfied; `checkedAuth` checks the true password, which never enters the plan.
  const pass = authPass === undefined || typeof authPass === "string" ? authPass : PASS_STAND_IN;
  const spec = {
    ...args,
    name: args.name ?? name,
    ...(args.vrrp && { vrrp: { ...vrrp, ...(pass === undefined ? {} : { authPass: pass }) } }),
    directors: args.directors.map(bare),
    realServers: args.realServers.map(bare),
    ...(args.routers && { routers: args.routers.map(bare) }),
    verification: args.verification && { client: args.verification.client },
    ...own,
  };
  const checked = (input: unknown) => hideAuth(parse(input));
  return isPending(spec) ? pulumi.output(spec as object).apply(checked) : pulumi.output(checked(spec) as never);
}
