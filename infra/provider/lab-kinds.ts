import {
  createMachine,
  createNetwork,
  deleteMachine,
  deleteNetwork,
  readMachine,
  readNetwork,
  repairNetwork,
  setSegments,
  startMachine,
  type Machine,
  type MachineSpec,
} from "../lab/index.js";
import type { Connection } from "../host/types.js";
import { differences } from "./diff.js";
import { connectionSecrets } from "./connection-secrets.js";
import type { Context, Kind } from "./kind.js";
import { unknown, type Properties } from "./values.js";

/** `lvs:index:LabNetwork`: the namespace, bridges and key of a lab on this computer. */
export const labNetworkKind: Kind = {
  token: "lvs:index:LabNetwork",
  secrets: [],

  // Where the checkout lies says only where the lab was first made: a moved checkout keeps its lab.
  diff: (oldInputs, news) => ({ changes: differences(oldInputs, news, ["root"]), replace: ["stack"] }),

  planned: (inputs, olds) => ({ ...inputs, lab: olds?.["lab"] ?? unknown, subnet: olds?.["subnet"] ?? unknown }),

  async create(context, inputs) {
    context.status("making the lab's network");
    const { stack, root, segments } = inputs as { stack: string; root: string; segments: string[] };
    const network = await createNetwork({ stack, root, segments });
    return { id: network.id, outputs: { ...inputs, lab: network.id, subnet: network.managementSubnet } };
  },

  async read(context, id, inputs, outputs) {
    const reading = await readNetwork(id);
    if (reading.state === "absent") return undefined;
    if (reading.state === "present") return { inputs, outputs };
    // As an input, so that the next `up` sees a difference and repairs it.
    context.warn(`lab ${id}: ${reading.reason}`);
    return { inputs: { ...inputs, segments: [] }, outputs: { ...outputs, segments: [] } };
  },

  async update(context, id, olds, _oldInputs, news) {
    context.status("repairing the lab's network");
    await repairNetwork(id);
    await setSegments(id, news["segments"] as string[]);
    return { outputs: { ...news, lab: olds["lab"]!, subnet: olds["subnet"]! } };
  },

  async delete(context, id) {
    context.status("removing the lab's network");
    await deleteNetwork(id);
  },
};

/** `lvs:index:LabMachine`: a machine with a Linux kernel of its own on this computer. */
export const labMachineKind: Kind = {
  token: "lvs:index:LabMachine",
  secrets: connectionSecrets,

  diff: (oldInputs, news) => ({
    changes: differences(oldInputs, news),
    replace: ["lab", "machine", "memory", "interfaces", "routes", "kind"],
  }),

  planned: (inputs, olds) => ({ ...inputs, connection: olds?.["connection"] ?? unknown }),

  async create(context, inputs) {
    const spec = {
      name: inputs["machine"],
      memory: inputs["memory"],
      interfaces: inputs["interfaces"],
      ...(inputs["routes"] !== undefined && { routes: inputs["routes"] }),
      ...(inputs["kind"] !== undefined && { kind: inputs["kind"] }),
    } as unknown as MachineSpec;
    const machine = await createMachine(String(inputs["lab"]), spec, waiting(context));
    return { id: `${String(inputs["lab"])}/${spec.name}`, outputs: outputsOf(inputs, machine) };
  },

  async read(context, id, inputs, outputs) {
    const reading = await readMachine(...split(id));
    if (reading.state === "absent") return undefined;
    const running = reading.state === "running";
    if (!running) context.warn(`${id}: the machine does not run; the next up boots it`);
    return { inputs: { ...inputs, running }, outputs: { ...outputs, running } };
  },

  async update(context, id, _olds, _oldInputs, news) {
    return { outputs: outputsOf(news, await startMachine(...split(id), waiting(context))) };
  },

  async delete(context, id) {
    context.status("ending the machine");
    await deleteMachine(...split(id));
  },
};

function split(id: string): [string, string] {
  const [lab = "", machine = ""] = id.split("/");
  return [lab, machine];
}

function waiting(context: Context) {
  // The status line counts the seconds by itself.
  return { progress: (message: string) => context.status(message.replace(/, \d+ s$/, "")), signal: context.signal };
}

function outputsOf(inputs: Properties, machine: Machine): Properties {
  const labMachine = `${String(inputs["lab"])}/${String(inputs["machine"])}`;
  return { ...inputs, connection: { ...machine.connection, labMachine } };
}

/** What became of the lab machine behind a connection; `running` too for a host that is none. */
export async function labMachineState(connection: Connection): Promise<"running" | "stopped" | "absent"> {
  return connection.labMachine === undefined ? "running" : (await readMachine(...split(connection.labMachine))).state;
}
