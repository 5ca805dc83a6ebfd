import type { MachineRecord } from "./inventory.js";

/** Engines by the names that a machine's record keeps: User-Mode Linux, QEMU on KVM, QEMU's emulation (TCG). */
export type EngineName = "uml" | "kvm" | "tcg";

/** What a stack file may name: `qemu` is QEMU on KVM where that works, else emulated. */
export const engineChoices = ["uml", "qemu", "kvm", "tcg"] as const;
export type EngineChoice = (typeof engineChoices)[number];

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
  readonly name: EngineName;
  /** Seconds in which a machine must have booted, also beside five others on two cores. */
  readonly bootSeconds: number;
  /** Starts the machine detached from this process, within the lab's network namespace. */
  start(boot: Boot): Promise<void>;
}
