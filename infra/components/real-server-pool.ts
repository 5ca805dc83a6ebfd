import * as pulumi from "../resources/pulumi.js";
import type { HostPlan } from "../plan/types.js";
import { planFound } from "../render/index.js";
import type { ConnectionArgs } from "../resources/connection.js";
import { Host } from "../resources/host.js";
import { HostNetwork } from "../resources/host-network.js";

/** A host of a role, with its connection. */
export interface RoleHost {
  name: string;
  connection: pulumi.Input<ConnectionArgs>;
  deletedWith?: pulumi.Resource | undefined;
  /** What must be there before anything is done on it. */
  after?: pulumi.Resource[];
  /** As in the stack file, or an Input; nothing is asked of a host that has none, or plainly `systemd-unit`. */
  networkBackend?: unknown;
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
  { name: host, connection, deletedWith, after = [], networkBackend = "systemd-unit" }: RoleHost,
  plan: pulumi.Output<Record<string, HostPlan>>,
  parent: pulumi.Resource,
  dependsOn: pulumi.Resource[] = [],
): Host {
  const own = plan.apply((hosts) => hosts[host]!);
  const gone = deletedWith ? { deletedWith } : {};
  return pulumi.untraced(() => {
    // Asked as early as the host can be: what is wrong is said before anything has changed.
    const network =
      networkBackend === "systemd-unit"
        ? undefined
        : newNetwork(`${name}-${host}`, host, connection, own, { parent, dependsOn: after, ...gone });
    // Only what a manager reads depends on which one it is: all else can be previewed before the host was asked.
    const settled = network ? pulumi.all([own, network.found]).apply(([draft, found]) => planFound(draft, found)) : own;
    const section = <Key extends keyof HostPlan>(key: Key, of = own) => of.apply((sections) => sections[key]);
    return new Host(
      `${name}-${host}`,
      {
        host,
        connection,
        packages: section("packages"),
        modules: section("modules"),
        links: section("links"),
        sysctls: section("sysctls"),
        files: section("files", settled),
        rules: section("rules"),
        addresses: section("addresses"),
        routes: section("routes"),
        units: section("units", settled),
      },
      { parent, dependsOn: [...dependsOn, ...after, ...(network ? [network] : [])], ...gone },
    );
  });
}

function newNetwork(
  name: string,
  host: string,
  connection: RoleHost["connection"],
  plan: pulumi.Output<HostPlan>,
  options: pulumi.CustomResourceOptions,
): HostNetwork {
  const inputs = {
    backend: plan.apply(({ network }) => network?.backend ?? "systemd-unit"),
    names: plan.apply(({ network }) => network?.names),
    interfaces: plan.apply(({ network }) => network?.interfaces ?? []),
  };
  return new HostNetwork(`${name}-network`, { host, connection, ...inputs }, options);
}
