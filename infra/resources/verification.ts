import * as pulumi from "./pulumi.js";
import type { Evidence, VerificationPlan } from "../plan/types.js";
import { secretNamed, type NamedConnection } from "./connection.js";

export type { Evidence };

/** What the verification looks at, from which sides. */
export interface VerificationArgs {
  directors: NamedConnection[];
  realServers: NamedConnection[];
  /** A host outside the cluster from which requests through the VIP can be made. */
  client?: NamedConnection;
  plan: pulumi.Input<VerificationPlan>;
  /** Revisions of everything below: the verification runs again when one of them has changed. */
  revisions: pulumi.Input<Record<string, pulumi.Input<number>>>;
}

/** The proof that a cluster serves; creating it fails with a plain reason when it does not. */
export class Verification extends pulumi.CustomResource {
  declare readonly evidence: pulumi.Output<Evidence>;

  constructor(name: string, args: VerificationArgs, options?: pulumi.CustomResourceOptions) {
    const inputs = {
      plan: args.plan,
      revisions: args.revisions,
      directors: args.directors.map(secretNamed),
      realServers: args.realServers.map(secretNamed),
      client: args.client && secretNamed(args.client),
      // No choice; an input so that a refresh can say that two directors have a VIP, or that a stranger speaks for it.
      sound: true,
    };
    super("lvs:index:Verification", name, { ...inputs, evidence: undefined }, options);
  }
}
