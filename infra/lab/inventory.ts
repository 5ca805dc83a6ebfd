import { mkdir, open, readdir, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { LabError } from "./errors.js";
import { labPaths, labsDir, machinePaths } from "./paths.js";

/** What is kept of a lab in `lab.json`. */
export interface LabRecord {
  id: string;
  stack: string;
  /** Absolute path of the project that the stack belongs to. */
  root: string;
  /** One isolated Ethernet each. */
  segments: string[];
  /** For instance `198.18.7.0/24`; the host is .1. */
  managementSubnet: string;
}

/** A NIC of a machine. */
export interface NicRecord {
  /** Undefined: the management network. */
  segment?: string;
  addresses: string[];
  mac: string;
  tap: string;
}

/** What is kept of a machine in its `machine.json`: all that another boot needs. */
export interface MachineRecord {
  name: string;
  engine: string;
  kind: string;
  /** MiB. */
  memory: number;
  /** The base image that the machine's own disk stands on. */
  image: string;
  managementAddress: string;
  /** `ssh-ed25519 AAAA…` */
  hostKey: string;
  /** Keyed by the guest's NIC name; the management NIC is among them. */
  nics: Record<string, NicRecord>;
  routes: { to: string; via: string }[];
}

async function readJson<T>(path: string): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EACCES") throw new LabError(`${path}: only root may read it. Run the command as root.`);
    throw cause;
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new LabError(`${path}: must be JSON, got something else. Remove the lab with "npm run -s lab -- clean".`);
  }
}

/** Writes a file so that a reader, or a crash, finds the old or the new one and never a part. */
export async function writeAtomically(path: string, content: string | Buffer, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  const handle = await open(temporary, "w", mode);
  try {
    await handle.chmod(mode);
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

/** A lab's record; undefined when there is no such lab. */
export function readLab(id: string): Promise<LabRecord | undefined> {
  return readJson(labPaths(id).record);
}

/** A lab's record; throws when there is no such lab. */
export async function requireLab(id: string): Promise<LabRecord> {
  const lab = await readLab(id);
  if (lab === undefined) throw new LabError(`lab ${id}: does not exist. Create its network first.`);
  return lab;
}

/** Keeps a lab's record. */
export function writeLab(lab: LabRecord): Promise<void> {
  return writeAtomically(labPaths(lab.id).record, `${JSON.stringify(lab, null, 2)}\n`, 0o600);
}

/** A machine's record; undefined when there is no such machine. */
export function readMachineRecord(id: string, name: string): Promise<MachineRecord | undefined> {
  return readJson(machinePaths(id, name).record);
}

/** Keeps a machine's record. */
export function writeMachineRecord(id: string, machine: MachineRecord): Promise<void> {
  return writeAtomically(machinePaths(id, machine.name).record, `${JSON.stringify(machine, null, 2)}\n`, 0o600);
}

async function names(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return [];
    if (cause.code === "EACCES") throw new LabError(`${dir}: only root may read it. Run the command as root.`);
    throw cause;
  });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Ids of all labs that have a directory, also those with broken contents. */
export function listLabIds(): Promise<string[]> {
  return names(labsDir());
}

/** Names of a lab's machines that have a directory, also half-made ones. */
export function listMachineNames(id: string): Promise<string[]> {
  return names(labPaths(id).machines);
}

/** Records of a lab's machines. */
export async function listMachines(id: string): Promise<MachineRecord[]> {
  const records = await Promise.all((await listMachineNames(id)).map((name) => readMachineRecord(id, name)));
  return records.filter((record) => record !== undefined);
}
