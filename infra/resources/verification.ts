import * as pulumi from "@pulumi/pulumi";
import type { VerificationPlan } from "../plan/types.js";
import { secretConnection, type ConnectionArgs } from "./connection.js";

/** A host that the verification looks at. */
export interface VerifiedHost {
  name: string;
  connection: pulumi.Input<ConnectionArgs>;
}

/** What the verification looks at, from which sides. */
export interface VerificationArgs {
  directors: VerifiedHost[];
  realServers: VerifiedHost[];
  /** A host outside the cluster from which requests through the VIP can be made. */
  client?: VerifiedHost;
  plan: pulumi.Input<VerificationPlan>;
  /** Revisions of everything below: the verification runs again when one of them has changed. */
  revisions: pulumi.Input<Record<string, pulumi.Input<number>>>;
}

/** What was seen of the cluster from all sides, at the last `up` that changed something. */
export interface Evidence {
  /** Which director holds each VIP. */
  vipHolders: Record<string, string>;
  /** The kernel's IPVS table of each director, as ipvsadm rules. */
  tables: Record<string, string[]>;
  /** What each real server has live. */
  realServers: Record<string, string[]>;
  /** For each request through a VIP: how many were answered, and which real servers took new connections. */
  requests: Record<string, { sent: number; answered: number; connections: Record<string, number> }>;
}

/** The proof that a cluster serves; creating it fails with a plain reason when it does not. */
export class Verification extends pulumi.CustomResource {
  declare readonly evidence: pulumi.Output<Evidence>;

  constructor(name: string, args: VerificationArgs, options?: pulumi.CustomResourceOptions) {
    const secret = ({ name, connection }: VerifiedHost) => ({ name, connection: secretConnection(connection) });
    const inputs = {
      plan: args.plan,
      revisions: args.revisions,
      directors: args.directors.map(secret),
      realServers: args.realServers.map(secret),
      client: args.client && secret(args.client),
    };
    super("lvs:index:Verification", name, { ...inputs, evidence: undefined }, options);
  }
}
