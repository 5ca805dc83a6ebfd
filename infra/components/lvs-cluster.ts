import * as pulumi from "../resources/pulumi.js";
import { planCluster } from "../render/index.js";
import { Verification, type Evidence } from "../resources/verification.js";
import { parseCluster, type Cluster } from "../spec/index.js";
import { isPending, type LvsClusterArgs } from "./args.js";
import { DirectorPair } from "./director-pair.js";
import { aliasOf, bare, checkedAuth, connections, hideAuth, PASS_STAND_IN, refusal, rollout } from "./given.js";
import { RealServerPool } from "./real-server-pool.js";
import { Router } from "./router.js";

/** A virtual service, as an output. */
export interface ServiceOutput {
  vip: string;
  /** 0 for all ports, left out for a service that goes by a mark. */
  port?: number;
  mark?: number;
  protocol: string;
}

/**
 * A Linux Virtual Server cluster: real servers, then directors (backup first), then the proof that it serves.
 * Children are named `<name>-<host>` after the hosts, so that a reordered list changes nothing.
 */
export class LvsCluster extends pulumi.ComponentResource {
  /** The virtual addresses, without prefix length. */
  readonly vips: pulumi.Output<string[]>;
  readonly services: pulumi.Output<ServiceOutput[]>;
  /** Names of the directors, the one with the highest priority first. */
  readonly directors: pulumi.Output<string[]>;
  /** Addresses of the real servers by name. */
  readonly realServers: pulumi.Output<Record<string, string>>;
  /** What was seen when the cluster was last verified. */
  readonly verification: pulumi.Output<Evidence>;

  constructor(name: string, args: LvsClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("lvs:index:LvsCluster", name, {}, aliasOf("lvs:index:ProxyPair", options));
    const cluster = resolve(name, args);
    const plan = cluster.apply(planCluster);

    const hostPlans = plan.apply(({ hosts }) => hosts);
    const routers = connections(args.routers ?? []).map((router) => new Router(name, router, hostPlans, this).host);
    const pool = new RealServerPool(
      name,
      { hosts: connections(args.realServers), plan: hostPlans },
      // The way to the real servers and back comes before them.
      { parent: this, ...(routers.length > 0 && { dependsOn: routers }) },
    );
    const pair = new DirectorPair(
      name,
      {
        hosts: rollout(connections(args.directors), args.directors),
        plan,
        secrets: { auth_pass: checkedAuth(cluster, args.vrrp?.authPass, parseCluster) },
        // A director lists real servers only once they can answer.
        after: [...routers, ...pool.hosts],
      },
      { parent: this },
    );
    const evidence = new Verification(
      `${name}-verification`,
      {
        directors: connections(args.directors),
        realServers: connections(args.realServers),
        client: args.verification && {
          name: args.verification.client,
          connection: args.verification.connection,
        },
        plan: plan.apply(({ verification }) => verification),
        revisions: {
          ...Object.fromEntries((args.routers ?? []).map((router, index) => [router.name, routers[index]!.revision])),
          ...pool.revisions,
          ...pair.revisions,
        },
      },
      {
        parent: this,
        dependsOn: [...routers, ...pool.hosts, ...pair.resources],
        customTimeouts: { create: "10m", update: "10m" },
      },
    );

    this.vips = cluster.apply(({ vips }) => vips.map(({ address }) => address.split("/")[0]!));
    this.services = cluster.apply(({ services }) =>
      services.map(({ vip, port, mark, protocol }) => ({
        vip,
        ...(port !== undefined && { port }),
        ...(mark !== undefined && { mark }),
        protocol,
      })),
    );
    this.directors = cluster.apply(({ directors }) =>
      [...directors].sort((a, b) => b.priority - a.priority).map((director) => director.name),
    );
    this.realServers = cluster.apply(({ realServers }) =>
      Object.fromEntries(realServers.map((realServer) => [realServer.name, realServer.address])),
    );
    this.verification = evidence.evidence;
    this.registerOutputs({
      vips: this.vips,
      services: this.services,
      directors: this.directors,
      realServers: this.realServers,
      verification: this.verification,
    });
  }
}

/**
 * The checked spec. The VRRP password and the connections stay outside: an Output that holds a secret is secret as a
 * whole, and then no preview could show a line of it.
 */
function resolve(name: string, args: LvsClusterArgs): pulumi.Output<Cluster> {
  const { authPass, ...vrrp } = args.vrrp ?? {};
  const known = typeof authPass === "string" ? authPass : undefined;
  const spec = (pass: string | undefined) => ({
    ...args,
    name: args.name ?? name,
    ...(args.vrrp && { vrrp: { ...vrrp, ...(pass === undefined ? {} : { authPass: pass }) } }),
    directors: args.directors.map(bare),
    realServers: args.realServers.map(bare),
    ...(args.routers && { routers: args.routers.map(bare) }),
    verification: args.verification && { client: args.verification.client },
  });
  // A stand-in keeps the length rule satisfied; `checkedAuth` checks the true password, which never enters the plan.
  const standIn = authPass === undefined ? undefined : (known ?? PASS_STAND_IN);
  const pure = spec(standIn);
  if (!isPending(pure)) return pulumi.output(hideAuth(checked(pure)));
  return pulumi.output(pure).apply((input) => hideAuth(checked(input)));
}

function checked(input: unknown): Cluster {
  const result = parseCluster(input);
  if ("problems" in result) throw refusal(result.problems);
  return result.cluster;
}
