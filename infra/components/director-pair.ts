import * as pulumi from "../resources/pulumi.js";
import type { ClusterPlan, ProxyServing } from "../plan/types.js";
import { Director } from "../resources/director.js";
import type { Host } from "../resources/host.js";
import { Proxy } from "../resources/proxy.js";
import { newHost, type RoleHost } from "./real-server-pool.js";

/** The directors of a cluster, one after the other, backup first: the next one is touched when the one before serves. */
export class DirectorPair extends pulumi.ComponentResource {
  readonly resources: (Host | Proxy | Director)[];
  /** Revisions of hosts (`<name>`), of their proxies (`<name>-proxy`) and of what they serve (`<name>-serving`). */
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
      /** The private keys of the directors' proxies, where they run one. */
      proxySecrets?: Record<string, pulumi.Input<string>>;
      /** False where proxies stand side by side, and no VIP moves. */
      vrrp?: boolean;
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
      const served = (...before: pulumi.Resource[]): pulumi.CustomResourceOptions => ({
        parent: this,
        dependsOn: [host, ...before, ...args.after, ...previous],
        ...(role.deletedWith ? { deletedWith: role.deletedWith } : {}),
      });
      this.resources.push(host);
      this.revisions[role.name] = host.revision;
      const own: pulumi.Resource[] = [];
      if (args.proxySecrets) {
        const of = <Key extends keyof ProxyServing>(key: Key) =>
          args.plan.apply(({ proxies }) => proxies![role.name]![key]);
        const proxy = new Proxy(
          `${name}-${role.name}-proxy`,
          {
            host: role.name,
            connection: role.connection,
            engine: of("engine"),
            packages: of("packages"),
            files: of("files"),
            secrets: args.proxySecrets,
            listen: of("listen"),
            services: of("services"),
          },
          served(),
        );
        own.push(proxy);
        this.resources.push(proxy);
        this.revisions[`${role.name}-proxy`] = proxy.revision;
      }
      if (args.vrrp === false) {
        previous = own;
        continue;
      }
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
        served(...own),
      );
      previous = [director];
      this.resources.push(director);
      this.revisions[`${role.name}-serving`] = director.revision;
    }
    this.registerOutputs({});
  }
}
