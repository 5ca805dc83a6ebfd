import { access, mkdir, readFile, rename, rm } from "node:fs/promises";
import { waitForBoot, type Waiting } from "./boot.js";
import { engineOf } from "./engine.js";
import { userModeLinux } from "./engine-uml.js";
import { LabError } from "./errors.js";
import { guestFiles } from "./guest-config.js";
import { ensureImage, ensureKind } from "./image.js";
import { guestKind } from "./kinds/index.js";
import { listMachineNames, listMachines, readMachineRecord, requireLab } from "./inventory.js";
import { writeAtomically, writeMachineRecord, type MachineRecord } from "./inventory.js";
import { generateKeyPair } from "./keys.js";
import { blockedMachines, ensureNetworkLinks, ensureTaps, removeTaps, setServiceLinks } from "./links.js";
import { withLock } from "./lock.js";
import { checkMachine, freeAddress, machineRecord, type MachineSpec } from "./machine-spec.js";
import { checkMachineName, processMark } from "./names.js";
import { labPaths, machinePaths } from "./paths.js";
import { findProcesses, killProcesses } from "./processes.js";
import { tar } from "./tar.js";

/** How to reach a lab machine: the fields of a host's `Connection` that a lab knows. */
export interface MachineConnection {
  host: string;
  port: number;
  user: string;
  /** PEM text (secret). */
  privateKey: string;
  /** `ssh-ed25519 AAAA…` */
  hostKey: string;
}

/** A lab machine as its users need it. */
export interface Machine {
  record: MachineRecord;
  connection: MachineConnection;
  /** Process id of the machine; undefined when it is not running. */
  pid?: number;
}

/** What became of a lab machine. */
export type MachineReading =
  | { state: "running" | "stopped"; machine: Machine; /** Its service links are cut. */ blocked: boolean }
  | { state: "absent" };

async function machinePid(id: string, name: string): Promise<number | undefined> {
  const mark = processMark(id, name);
  const found = await findProcesses((each) => each === mark);
  return (found.find((each) => each.leader) ?? found[0])?.pid;
}

async function describe(id: string, record: MachineRecord): Promise<Machine> {
  const privateKey = await readFile(labPaths(id).privateKey, "utf8");
  const { managementAddress: host, hostKey } = record;
  return {
    record,
    connection: { host, port: 22, user: "root", privateKey, hostKey },
    pid: await machinePid(id, record.name),
  };
}

/** A machine's record; throws with the known names when there is no such machine. */
export async function requireMachine(id: string, name: string): Promise<MachineRecord> {
  const record = await readMachineRecord(id, checkMachineName(name));
  if (record !== undefined) return record;
  const known = (await listMachineNames(id)).join(", ") || "none";
  throw new LabError(`machine ${name}: lab ${id} has no such machine, only: ${known}. Name one of them.`);
}

async function writeKnownHosts(id: string): Promise<void> {
  const lines = (await listMachines(id)).map((each) => `${each.managementAddress},${each.name} ${each.hostKey}\n`);
  await writeAtomically(labPaths(id).knownHosts, lines.join(""), 0o600);
}

async function start(id: string, machine: MachineRecord): Promise<void> {
  const paths = machinePaths(id, machine.name);
  await access(machine.image).catch(() => {
    throw new LabError(
      `machine ${machine.name}: its base image ${machine.image} is gone. Delete and create the machine.`,
    );
  });
  await rename(paths.console, paths.previousConsole).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT") throw cause;
  });
  await engineOf(machine).start({
    labId: id,
    machine,
    directory: paths.dir,
    diskPath: paths.disk,
    configPath: paths.config,
    consolePath: paths.console,
  });
}

/** Removes what carries the machine's name, whatever state it is in. */
async function removeMachine(id: string, name: string): Promise<void> {
  const mark = processMark(id, name);
  await killProcesses((each) => each === mark);
  await removeTaps(id, name);
  await rm(machinePaths(id, name).dir, { recursive: true, force: true });
}

/**
 * Creates a machine and boots it; resolves when it takes a login and has finished booting. What a killed run left of
 * the same machine is cleared away first. Throws a {@link LabError} with the end of its console when it does not boot.
 */
export async function createMachine(id: string, spec: MachineSpec, waiting: Waiting = {}): Promise<Machine> {
  checkMachine(await requireLab(id), spec);
  const image = await ensureImage(waiting.progress, waiting.signal);
  const kind = spec.kind ?? "static";
  const packages = guestKind(kind) === undefined ? undefined : await ensureKind(kind, waiting.progress, waiting.signal);
  const hostKey = generateKeyPair();
  const record = await withLock(async () => {
    const lab = await requireLab(id);
    await removeMachine(id, spec.name);
    const machine = machineRecord(lab, spec, {
      engine: userModeLinux.name,
      image,
      hostKey: hostKey.publicKey,
      managementAddress: freeAddress(lab, spec.name, await listMachines(id)),
    });
    const paths = machinePaths(id, spec.name);
    await mkdir(paths.dir, { recursive: true, mode: 0o700 });
    const clientKey = (await readFile(labPaths(id).publicKey, "utf8")).trim();
    const own = tar(await guestFiles(machine, hostKey, clientKey), Math.floor(Date.now() / 1000));
    // One archive after the other, so that what makes it this machine comes last.
    const config = packages === undefined ? own : Buffer.concat([await readFile(packages), own]);
    await writeAtomically(paths.config, config, 0o600);
    await writeMachineRecord(id, machine);
    await writeKnownHosts(id);
    await ensureTaps(id, machine);
    await start(id, machine);
    return machine;
  });
  await waitForBoot(id, record, waiting);
  return describe(id, record);
}

/** What became of a machine. Throws when it cannot be told. */
export async function readMachine(id: string, name: string): Promise<MachineReading> {
  const record = await readMachineRecord(id, name);
  if (record === undefined) return { state: "absent" };
  const machine = await describe(id, record);
  const blocked = (await blockedMachines(id)).has(name);
  return { state: machine.pid === undefined ? "stopped" : "running", machine, blocked };
}

/** Boots a stopped machine from its own disk, as it was left; waits for a running one. */
export async function startMachine(id: string, name: string, waiting: Waiting = {}): Promise<Machine> {
  const record = await withLock(async () => {
    const lab = await requireLab(id);
    const machine = await requireMachine(id, name);
    await ensureNetworkLinks(lab);
    await ensureTaps(id, machine);
    if ((await machinePid(id, name)) === undefined) await start(id, machine);
    return machine;
  });
  await waitForBoot(id, record, waiting);
  return describe(id, record);
}

/** Ends a machine like a power cut: all its processes at once, nothing written back. Its disk stays. */
export async function crashMachine(id: string, name: string): Promise<void> {
  await requireMachine(id, name);
  const mark = processMark(id, name);
  await withLock(() => killProcesses((each) => each === mark));
}

/** Deletes a machine with its disk and taps; nothing happens when there is none. */
export function deleteMachine(id: string, name: string): Promise<void> {
  return withLock(async () => {
    await removeMachine(id, checkMachineName(name));
    if ((await listMachineNames(id)).length > 0) await writeKnownHosts(id);
  });
}

/** Cuts a machine's service links like a pulled cable at the switch: management stays, the guest keeps its carrier. */
export async function blockMachine(id: string, name: string): Promise<void> {
  await withLock(async () => setServiceLinks(id, await requireMachine(id, name), false));
}

/** Connects a machine's service links again. */
export async function unblockMachine(id: string, name: string): Promise<void> {
  await withLock(async () => setServiceLinks(id, await requireMachine(id, name), true));
}
