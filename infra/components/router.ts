import * as pulumi from "../resources/pulumi.js";
import type { HostPlan } from "../plan/types.js";
import type { Host } from "../resources/host.js";
import { newHost, type RoleHost } from "./real-server-pool.js";

/** A router of a cluster: a host that forwards. */
export class Router extends pulumi.ComponentResource {
  readonly host: Host;

  constructor(
    name: string,
    role: RoleHost,
    plan: pulumi.Output<Record<string, HostPlan>>,
    parent: pulumi.ComponentResource,
  ) {
    super("lvs:index:Router", `${name}-${role.name}`, {}, { parent });
    this.host = newHost(name, role, plan, this);
    this.registerOutputs({});
  }
}
