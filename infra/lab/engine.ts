import type { MachineRecord } from "./inventory.js";
import { userModeLinux } from "./engine-uml.js";
import { LabError } from "./errors.js";

/** All that an engine needs to boot a machine. */
export interface Boot {
  labId: string;
  machine: MachineRecord;
  /** The machine's own directory: its copy-on-write disk lies there, its configuration disk and console too. */
  directory: string;
  diskPath: string;
  configPath: string;
  consolePath: string;
}

/** A way to run a guest kernel; everything that is special about one is behind this. */
export interface Engine {
  readonly name: string;
  /** Starts the machine detached from this process, within the lab's network namespace. */
  start(boot: Boot): Promise<void>;
}

/** The engine of a machine's record. */
export function engineOf(machine: Pick<MachineRecord, "engine" | "name">): Engine {
  if (machine.engine === userModeLinux.name) return userModeLinux;
  throw new LabError(
    `machine ${machine.name}: engine must be uml, got "${machine.engine}". Delete and create it again.`,
  );
}
