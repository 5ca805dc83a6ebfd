import * as pulumi from "../resources/pulumi.js";
import type { HostPlan } from "../plan/types.js";
import type { ConnectionArgs } from "../resources/connection.js";
import { Host } from "../resources/host.js";

/** A host of a role, with its connection. */
export interface RoleHost {
  name: string;
  connection: pulumi.Input<ConnectionArgs>;
  deletedWith?: pulumi.Resource | undefined;
  /** What must be there before anything is done on it. */
  after?: pulumi.Resource[];
}

/** The real servers of a cluster, side by side. */
export class RealServerPool extends pulumi.ComponentResource {
  readonly hosts: Host[];
  /** Revision of each real server by name. */
  readonly revisions: Record<string, pulumi.Output<number>>;

  constructor(
    name: string,
    args: { hosts: RoleHost[]; plan: pulumi.Output<Record<string, HostPlan>> },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("lvs:index:RealServerPool", name, {}, options);
    const made = args.hosts.map((host) => ({ name: host.name, resource: newHost(name, host, args.plan, this) }));
    this.hosts = made.map(({ resource }) => resource);
    this.revisions = Object.fromEntries(made.map(({ name: host, resource }) => [host, resource.revision]));
    this.registerOutputs({});
  }
}

/** One host of a cluster, as a child named after it. */
export function newHost(
  name: string,
  { name: host, connection, deletedWith, after = [] }: RoleHost,
  plan: pulumi.Output<Record<string, HostPlan>>,
  parent: pulumi.Resource,
  dependsOn: pulumi.Resource[] = [],
): Host {
  const section = <Key extends keyof HostPlan>(key: Key) => plan.apply((hosts) => hosts[host]![key]);
  return pulumi.untraced(
    () =>
      new Host(
        `${name}-${host}`,
        {
          host,
          connection,
          packages: section("packages"),
          modules: section("modules"),
          links: section("links"),
          sysctls: section("sysctls"),
          files: section("files"),
          rules: section("rules"),
          addresses: section("addresses"),
          routes: section("routes"),
          units: section("units"),
        },
        { parent, dependsOn: [...dependsOn, ...after], ...(deletedWith ? { deletedWith } : {}) },
      ),
  );
}
