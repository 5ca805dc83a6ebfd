import type { Engine, EngineName } from "./engine.js";
import { emulated, virtualised } from "./engine-qemu.js";
import { userModeLinux } from "./engine-uml.js";
import { LabError } from "./errors.js";
import type { MachineRecord } from "./inventory.js";

/** All engines by name. */
export const engines: Record<EngineName, Engine> = { uml: userModeLinux, kvm: virtualised, tcg: emulated };

/** The engine of a machine's record. */
export function engineOf(machine: Pick<MachineRecord, "engine" | "name">): Engine {
  if (Object.hasOwn(engines, machine.engine)) return engines[machine.engine as EngineName];
  const known = Object.keys(engines).join(", ");
  throw new LabError(
    `machine ${machine.name}: engine must be one of ${known}, got "${machine.engine}". Delete and create it again.`,
  );
}
