import { readFile, rm, mkdir } from "node:fs/promises";
import { run } from "./command.js";
import { LabError } from "./errors.js";
import {
  listLabIds,
  listMachines,
  readLab,
  requireLab,
  writeAtomically,
  writeLab,
  type LabRecord,
} from "./inventory.js";
import { generateKeyPair, type KeyPair } from "./keys.js";
import { ensureNetworkLinks, namespaceExists, removeBridges, removeNetworkLinks } from "./links.js";
import { withLock } from "./lock.js";
import { bridgeName, labHex, labId, namespaceName, processMark } from "./names.js";
import { labDir, labPaths } from "./paths.js";
import { killProcesses } from "./processes.js";
import { chooseSubnet } from "./subnet.js";

/** What is wanted of a lab's network. */
export interface NetworkSpec {
  stack: string;
  /** Absolute path of the project that the stack belongs to. */
  root: string;
  segments: string[];
}

/** A lab's network as its users need it. */
export interface Network extends LabRecord, KeyPair {
  namespace: string;
}

/** What became of a lab's network; `broken` means that {@link repairNetwork} or deletion is due. */
export type NetworkReading =
  { state: "present"; network: Network } | { state: "absent" } | { state: "broken"; reason: string };

async function present(lab: LabRecord): Promise<Network> {
  const paths = labPaths(lab.id);
  const [privateKey, publicKey] = await Promise.all([
    readFile(paths.privateKey, "utf8"),
    readFile(paths.publicKey, "utf8"),
  ]);
  return { ...lab, namespace: namespaceName(lab.id), privateKey, publicKey: publicKey.trim() };
}

async function usedSubnets(id: string): Promise<string[]> {
  const routes = JSON.parse((await run(["ip", "-j", "-4", "route", "show", "table", "all"])) || "[]") as {
    dst: string;
  }[];
  const others = (await listLabIds()).filter((other) => other !== id);
  const labs = await Promise.all(
    others.map((other) =>
      readLab(other).catch((cause: unknown) => {
        // A lab whose record is broken still has its route in the list above.
        if (cause instanceof LabError) return undefined;
        throw cause;
      }),
    ),
  );
  const destinations = routes.map((route) => route.dst).filter((dst) => /^\d/.test(dst) && !dst.startsWith("0.0.0.0"));
  return [...destinations, ...labs.flatMap((lab) => (lab === undefined ? [] : [lab.managementSubnet]))];
}

async function refuseNamesake(id: string): Promise<void> {
  const namesake = (await listLabIds()).find((other) => other !== id && labHex(other) === labHex(id));
  if (namesake !== undefined) {
    throw new LabError(`lab ${id}: shares its hash with lab ${namesake}. Give the stack another name.`);
  }
}

/** Removes everything that carries the lab's id, whatever state it is in. */
async function removeLab(id: string): Promise<void> {
  await killProcesses((mark) => mark.startsWith(processMark(id, "")));
  await removeNetworkLinks(id);
  await rm(labDir(id), { recursive: true, force: true });
}

/** Creates the network of a stack's lab. What a killed run left of the same lab is cleared away first. */
export async function createNetwork(spec: NetworkSpec): Promise<Network> {
  const id = labId(spec.stack, spec.root);
  spec.segments.forEach(bridgeName);
  const keys = generateKeyPair();
  return withLock(async () => {
    await refuseNamesake(id);
    await removeLab(id);
    const managementSubnet = chooseSubnet(await usedSubnets(id), parseInt(labHex(id), 16));
    const lab = { id, stack: spec.stack, root: spec.root, segments: [...spec.segments], managementSubnet };
    const paths = labPaths(id);
    await mkdir(paths.machines, { recursive: true, mode: 0o700 });
    await writeLab(lab);
    await writeAtomically(paths.privateKey, keys.privateKey, 0o600);
    await writeAtomically(paths.publicKey, `${keys.publicKey}\n`, 0o644);
    await ensureNetworkLinks(lab);
    return present(lab);
  });
}

/** What became of a lab's network. Throws when it cannot be told. */
export async function readNetwork(id: string): Promise<NetworkReading> {
  const lab = await readLab(id);
  if (lab === undefined) return { state: "absent" };
  if (!(await namespaceExists(id))) return { state: "broken", reason: `namespace ${namespaceName(id)} is gone` };
  return { state: "present", network: await present(lab) };
}

/** Puts namespace, bridges and management link back after the host lost them (a reboot), keeping keys and disks. */
export function repairNetwork(id: string): Promise<Network> {
  return withLock(async () => {
    const lab = await requireLab(id);
    await ensureNetworkLinks(lab);
    return present(lab);
  });
}

/** Gives a lab these segments; one that a machine still uses cannot go. */
export function setSegments(id: string, segments: string[]): Promise<Network> {
  return withLock(async () => {
    const lab = await requireLab(id);
    const gone = lab.segments.filter((segment) => !segments.includes(segment));
    for (const machine of await listMachines(id)) {
      const used = Object.values(machine.nics).find((nic) => nic.segment !== undefined && gone.includes(nic.segment));
      if (used)
        throw new LabError(`segment ${used.segment}: machine ${machine.name} uses it. Delete the machine first.`);
    }
    const changed = { ...lab, segments: [...segments] };
    await writeLab(changed);
    await ensureNetworkLinks(changed);
    await removeBridges(id, gone);
    return present(changed);
  });
}

/** Deletes a lab with all its machines; nothing happens when there is none. */
export function deleteNetwork(id: string): Promise<void> {
  return withLock(() => removeLab(id));
}
