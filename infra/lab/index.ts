export { BOOT_SECONDS, type Waiting } from "./boot.js";
export { clean, type CleanScope } from "./clean.js";
export { LabCommandError, LabError } from "./errors.js";
export { ensureImage } from "./image.js";
export type { LabRecord, MachineRecord, NicRecord } from "./inventory.js";
export {
  blockMachine,
  crashMachine,
  createMachine,
  deleteMachine,
  readMachine,
  requireMachine,
  startMachine,
  unblockMachine,
  type Machine,
  type MachineConnection,
  type MachineReading,
} from "./machine.js";
export { MACHINE_KINDS, type MachineKind } from "./kinds/index.js";
export { DEFAULT_MEMORY, type MachineSpec } from "./machine-spec.js";
export { labId, namespaceName } from "./names.js";
export {
  createNetwork,
  deleteNetwork,
  readNetwork,
  repairNetwork,
  setSegments,
  type Network,
  type NetworkReading,
  type NetworkSpec,
} from "./network.js";
export { overview, type LabSummary, type MachineSummary } from "./overview.js";
export { labPaths, machinePaths, projectRoot } from "./paths.js";
export { sshArgv } from "./ssh.js";
