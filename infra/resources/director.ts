import * as pulumi from "./pulumi.js";
import type { DirectorPlan } from "../plan/types.js";
import { secretConnection, secretNamed, type ConnectionArgs, type NamedConnection } from "./connection.js";

/** What a director is to serve. */
export interface DirectorArgs {
  /** The name that messages give the host. */
  host: pulumi.Input<string>;
  connection: pulumi.Input<ConnectionArgs>;
  /** Who fills the kernel's table; keepalived when left out. */
  daemon?: pulumi.Input<DirectorPlan["daemon"] | undefined>;
  /** What the daemon reads, keyed by path; `${secret:name}` stands for a value of `secrets`. */
  files: pulumi.Input<DirectorPlan["files"]>;
  secrets: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** The kernel's IPVS table as it must be with every real server healthy. */
  table: pulumi.Input<DirectorPlan["table"]>;
  /** VIPs as `<dev> <address>/<prefix>`. */
  vips: pulumi.Input<string[]>;
  /** How a change is made. */
  change: pulumi.Input<DirectorPlan["change"]>;
  /** The other directors, with whom a change of what they have in common is made. */
  peers: NamedConnection[];
}

/** What one director serves: configuration, daemon and the kernel's table. Deleting it stops serving. */
export class Director extends pulumi.CustomResource {
  declare readonly table: pulumi.Output<DirectorPlan["table"]>;
  /** Grows by one with every change that was made. */
  declare readonly revision: pulumi.Output<number>;

  constructor(name: string, args: DirectorArgs, options?: pulumi.CustomResourceOptions) {
    const inputs = {
      ...args,
      connection: secretConnection(args.connection),
      secrets: pulumi.secret(args.secrets),
      peers: args.peers.map(secretNamed),
      // Not choices; inputs so that a refresh can say that the daemon or the whole machine does not run.
      running: true,
      reachable: true,
    };
    super("lvs:index:Director", name, { ...inputs, revision: undefined, found: undefined }, options);
  }
}
