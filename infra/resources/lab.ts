import * as pulumi from "./pulumi.js";
import type { Connection } from "../host/types.js";

/** The network of a lab: a namespace on this computer with a bridge for each segment, and the lab's key. */
export class LabNetwork extends pulumi.CustomResource {
  /** Identifies the lab on this computer: `<stack>-<6 hex digits of the checkout>`. */
  declare readonly lab: pulumi.Output<string>;

  constructor(
    name: string,
    args: { stack: string; root: string; segments: pulumi.Input<pulumi.Input<string>[]> },
    options?: pulumi.CustomResourceOptions,
  ) {
    super("lvs:index:LabNetwork", name, { ...args, lab: undefined, subnet: undefined }, options);
  }
}

/** What a lab machine is made of. */
export interface LabMachineArgs {
  /** The lab that it belongs to. */
  lab: pulumi.Input<string>;
  /** Its host name. */
  machine: pulumi.Input<string>;
  /** MiB. */
  memory: pulumi.Input<number>;
  /** Interfaces by name, each plugged into a segment of the lab. */
  interfaces: pulumi.Input<Record<string, { segment: string; addresses: string[] }>>;
  /** Routes beside those of the addresses. */
  routes?: pulumi.Input<{ to: string; via: string }[]>;
  /** Who sets its addresses and routes up; `static` when left out. */
  kind?: pulumi.Input<string>;
}

/** A machine of a lab with a Linux kernel, a disk and an sshd of its own. */
export class LabMachine extends pulumi.CustomResource {
  /** How to reach it from this computer. */
  declare readonly connection: pulumi.Output<Connection>;

  constructor(name: string, args: LabMachineArgs, options?: pulumi.CustomResourceOptions) {
    // `running` is an input so that a refresh can say that the machine was killed, and the next `up` boots it.
    super("lvs:index:LabMachine", name, { ...args, running: true, connection: undefined }, options);
  }
}
