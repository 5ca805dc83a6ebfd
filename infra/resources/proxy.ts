import * as pulumi from "./pulumi.js";
import type { ProxyServing } from "../plan/types.js";
import { secretConnection, type ConnectionArgs } from "./connection.js";

/** What a director's proxy is to serve. */
export interface ProxyArgs {
  /** The name that messages give the host. */
  host: pulumi.Input<string>;
  connection: pulumi.Input<ConnectionArgs>;
  /** Another one replaces it. */
  engine: pulumi.Input<ProxyServing["engine"]>;
  packages: pulumi.Input<ProxyServing["packages"]>;
  /** What the proxy and its unit read, keyed by path; `${secret:name}` stands for a value of `secrets`. */
  files: pulumi.Input<ProxyServing["files"]>;
  secrets: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Where it must listen: `192.0.2.1:80`. */
  listen: pulumi.Input<string[]>;
  /** What of it is for people, and for `npm run status`: nothing is made of it on the host. */
  services: pulumi.Input<ProxyServing["services"]>;
}

/** The proxy of one director: its package, configuration and daemon. Deleting it puts back what was found. */
export class Proxy extends pulumi.CustomResource {
  /** Grows by one with every change that was made. */
  declare readonly revision: pulumi.Output<number>;

  constructor(name: string, args: ProxyArgs, options?: pulumi.CustomResourceOptions) {
    const inputs = {
      ...args,
      connection: secretConnection(args.connection),
      secrets: pulumi.secret(args.secrets),
      // Not choices; inputs so that a refresh can say that the proxy or the whole machine does not run.
      running: true,
      reachable: true,
    };
    super("lvs:index:Proxy", name, { ...inputs, revision: undefined, found: undefined }, options);
  }
}
