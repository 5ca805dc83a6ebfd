import * as pulumi from "./pulumi.js";
import type { FoundNetwork, NetworkPlan } from "../plan/types.js";
import { secretConnection, type ConnectionArgs } from "./connection.js";

/** Who is to bring up a host's network at boot. */
export type HostNetworkArgs = {
  /** The name that messages give the host. */
  host: pulumi.Input<string>;
  connection: pulumi.Input<ConnectionArgs>;
} & { [Key in "backend" | "names" | "interfaces"]: pulumi.Input<NetworkPlan[Key] | undefined> };

/**
 * The manager of a host's network: asked once under `detect`, and looked at whether it has the interfaces where the user
 * names it. Changes nothing on the host.
 */
export class HostNetwork extends pulumi.CustomResource {
  /** Who brings the network up, and under what names it has interfaces. */
  declare readonly found: pulumi.Output<FoundNetwork>;

  constructor(name: string, args: HostNetworkArgs, options?: pulumi.CustomResourceOptions) {
    // Not a choice; an input so that a refresh can say that somebody else has an interface now, and the next `up` asks again.
    const inputs = { ...args, connection: secretConnection(args.connection), manager: "as set up", reachable: true };
    super("lvs:index:HostNetwork", name, { ...inputs, found: undefined }, options);
  }
}
