import * as pulumi from "./pulumi.js";
import type { HostPlan } from "../plan/types.js";
import { secretConnection, type ConnectionArgs } from "./connection.js";

/** What a host is to be. Every map is keyed by the thing's own name; what is in no map is left alone. */
export type HostArgs = {
  /** The name that messages give the host. */
  host: pulumi.Input<string>;
  connection: pulumi.Input<ConnectionArgs>;
} & { [Section in keyof HostPlan]?: pulumi.Input<HostPlan[Section]> };

/** Facts read from the host at `up` and kept. */
export interface HostFacts {
  [fact: string]: unknown;
}

/** One host: its packages, files, modules, sysctls, addresses, routes and units. Deleting it restores what was found. */
export class Host extends pulumi.CustomResource {
  declare readonly host: pulumi.Output<string>;
  declare readonly facts: pulumi.Output<HostFacts>;
  /** Grows by one with every change that was made on the host. */
  declare readonly revision: pulumi.Output<number>;

  constructor(name: string, args: HostArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { facts: undefined, revision: undefined, found: undefined };
    // Not a choice; an input so that a refresh can say that the machine is off, and the next `up` looks at it again.
    const inputs = { ...args, connection: secretConnection(args.connection), reachable: true };
    super("lvs:index:Host", name, { ...inputs, ...outputs }, options);
  }
}
