import * as pulumi from "../resources/pulumi.js";
import type { ClusterPlan } from "../plan/types.js";
import { Director } from "../resources/director.js";
import type { Host } from "../resources/host.js";
import { newHost, type RoleHost } from "./real-server-pool.js";

/** The directors of a cluster, one after the other, backup first: the next one is touched when the one before serves. */
export class DirectorPair extends pulumi.ComponentResource {
  readonly resources: (Host | Director)[];
  /** Revisions of hosts (`<name>`) and of what they serve (`<name>-serving`). */
  readonly revisions: Record<string, pulumi.Output<number>>;

  constructor(
    name: string,
    args: {
      /** In the order in which they are changed. */
      hosts: RoleHost[];
      plan: pulumi.Output<ClusterPlan>;
      secrets: Record<string, pulumi.Input<string | undefined> | undefined>;
      /** What must be there before a director serves; its host is prepared beside that. */
      after: pulumi.Resource[];
    },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("lvs:index:DirectorPair", name, {}, options);
    this.resources = [];
    this.revisions = {};
    // Only values that are used: an unused secret would make every director change with it.
    const secrets = Object.fromEntries(
      Object.entries(args.secrets).filter((entry): entry is [string, pulumi.Input<string>] => entry[1] !== undefined),
    );
    let previous: pulumi.Resource[] = [];
    for (const role of args.hosts) {
      const host = newHost(
        name,
        role,
        args.plan.apply(({ hosts }) => hosts),
        this,
        previous,
      );
      const part = <Key extends keyof ClusterPlan["directors"][string]>(key: Key) =>
        args.plan.apply(({ directors }) => directors[role.name]![key]);
      const director = new Director(
        `${name}-${role.name}-serving`,
        {
          host: role.name,
          connection: role.connection,
          // Only the exception is said: a pair that was set up before there was a choice does not change.
          daemon: part("daemon").apply((daemon) => (daemon === "keepalived" ? undefined : daemon)),
          files: part("files"),
          secrets,
          table: part("table"),
          vips: part("vips"),
          change: part("change"),
          peers: args.hosts.filter(({ name: other }) => other !== role.name),
        },
        {
          parent: this,
          dependsOn: [host, ...args.after, ...previous],
          ...(role.deletedWith ? { deletedWith: role.deletedWith } : {}),
        },
      );
      previous = [director];
      this.resources.push(host, director);
      this.revisions[role.name] = host.revision;
      this.revisions[`${role.name}-serving`] = director.revision;
    }
    this.registerOutputs({});
  }
}
