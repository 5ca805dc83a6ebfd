import * as pulumi from "../resources/pulumi.js";
import { planCluster } from "../render/index.js";
import type { Evidence } from "../resources/verification.js";
import { parseCluster } from "../spec/index.js";
import type { LvsClusterArgs } from "./args.js";
import { clusterParts, outputsOf, resolved } from "./cluster-parts.js";
import { accepted, aliasOf, checkedAuth, connections } from "./given.js";

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
    const cluster = resolved(name, args, (input) => accepted(parseCluster(input)).cluster);
    const realServers = connections(args.realServers, args);
    const { proof } = clusterParts(this, name, args, {
      plan: cluster.apply(planCluster),
      realServers: { setUp: realServers, proven: realServers },
      authPass: checkedAuth(cluster, args.vrrp?.authPass, parseCluster),
    });

    this.services = cluster.apply(({ services }) =>
      services.map(({ vip, port, mark, protocol }) => ({
        vip,
        ...(port !== undefined && { port }),
        ...(mark !== undefined && { mark }),
        protocol,
      })),
    );
    const told = outputsOf(cluster);
    this.vips = told.vips;
    this.directors = told.directors;
    this.realServers = told.realServers;
    this.verification = proof.evidence;
    this.registerOutputs({
      vips: this.vips,
      services: this.services,
      directors: this.directors,
      realServers: this.realServers,
      verification: this.verification,
    });
  }
}
