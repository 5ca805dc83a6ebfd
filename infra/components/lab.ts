import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import * as pulumi from "../resources/pulumi.js";
import { LabMachine, LabNetwork } from "../resources/lab.js";
import { parseLab, SpecError, type LabInput } from "../spec/index.js";

/** A lab: networks and machines as in the stack file (`docs/stack-file.md`). */
export type LabArgs = LabInput;

/** Machines with Linux kernels of their own on this computer, in a network of their own. */
export class Lab extends pulumi.ComponentResource {
  /** The machines by name. */
  readonly machines: Record<string, LabMachine>;
  /** Management addresses of the machines by name. */
  readonly addresses: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: LabArgs, options?: pulumi.ComponentResourceOptions) {
    super("lvs:index:Lab", name, {}, options);
    const result = parseLab(args);
    if ("problems" in result) throw new pulumi.RunError(new SpecError(result.problems).message);
    const { lab } = result;
    const network = new LabNetwork(
      `${name}-network`,
      { stack: pulumi.getStack(), root: projectRoot(), segments: Object.keys(lab.segments).sort() },
      { parent: this },
    );
    this.machines = Object.fromEntries(
      Object.entries(lab.machines).map(([machine, { memory, interfaces, routes, kind = lab.kind }]) => [
        machine,
        new LabMachine(
          `${name}-${machine}`,
          {
            lab: network.lab,
            machine,
            memory,
            interfaces,
            ...(routes.length > 0 && { routes }),
            ...(kind !== "static" && { kind }),
          },
          // The namespace takes everything inside along, but the processes have to go first.
          { parent: this, customTimeouts: { create: "10m" } },
        ),
      ]),
    );
    this.addresses = pulumi.output(
      Object.fromEntries(
        Object.entries(this.machines).map(([machine, resource]) => [
          machine,
          pulumi.unsecret(resource.connection.apply(({ host }) => host)),
        ]),
      ),
    );
    this.registerOutputs({ addresses: this.addresses });
  }
}

/** The folder of the Pulumi project: two checkouts on one computer have labs of their own. */
function projectRoot(): string {
  let folder = process.cwd();
  while (!existsSync(join(folder, "Pulumi.yaml"))) {
    if (dirname(folder) === folder) return process.cwd();
    folder = dirname(folder);
  }
  return folder;
}
