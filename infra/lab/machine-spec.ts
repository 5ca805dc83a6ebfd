import { createHash } from "node:crypto";
import { isIP } from "node:net";
import { LabError } from "./errors.js";
import type { LabRecord, MachineRecord, NicRecord } from "./inventory.js";
import { MACHINE_KINDS, type MachineKind } from "./kinds/index.js";
import { unreachableRoutes } from "./kinds/kind.js";
import { checkMachineName, checkNicName, macAddress, MANAGEMENT_NIC, tapName } from "./names.js";
import { hostAddress } from "./subnet.js";

/** MiB that a guest gets when nothing else is said: about 60 are used by a director under load. */
export const DEFAULT_MEMORY = 128;

/** Last octets of management addresses; .1 is the host. */
const FIRST_ADDRESS = 10;
const LAST_ADDRESS = 250;

/** What is wanted of a lab machine. */
export interface MachineSpec {
  /** Host name. */
  name: string;
  /** MiB; {@link DEFAULT_MEMORY} when left out. */
  memory?: number;
  /** Keyed by the guest's NIC name (`ens32`). `mac` is derived from the names when left out. */
  interfaces: Record<string, { segment: string; addresses: string[]; mac?: string }>;
  /** Routes beside those of the addresses; `to` may be `default`. */
  routes?: { to: string; via: string }[];
  /** How the guest keeps its network; `static` (the lab's own script) when left out. */
  kind?: MachineKind;
}

function checkAddress(path: string, value: string, prefix: boolean): void {
  const [address = "", length, ...rest] = value.split("/");
  const family = isIP(address);
  const fits = prefix
    ? rest.length === 0 && /^\d+$/.test(length ?? "") && Number(length) <= (family === 6 ? 128 : 32)
    : length === undefined;
  const rule = prefix ? "must be <address>/<prefix length>" : "must be an address";
  if (family === 0 || !fits) throw new LabError(`${path}: ${rule}, got "${value}". Correct the machine's spec.`);
}

/** Checks a machine's spec against its lab; throws a {@link LabError} for the first rule that it breaks. */
export function checkMachine(lab: LabRecord, spec: MachineSpec): void {
  checkMachineName(spec.name);
  const { memory = DEFAULT_MEMORY, kind = "static" } = spec;
  if (!Number.isInteger(memory) || memory < 64 || memory > 4096) {
    throw new LabError(
      `${spec.name}.memory: must be 64 to 4096 MiB, got ${memory}. Leave it out for ${DEFAULT_MEMORY}.`,
    );
  }
  if (!MACHINE_KINDS.includes(kind)) {
    const known = MACHINE_KINDS.join(", ");
    throw new LabError(`${spec.name}.kind: must be one of ${known}, got "${kind as string}". Leave it out for static.`);
  }
  for (const [name, nic] of Object.entries(spec.interfaces)) {
    checkNicName(name);
    const path = `${spec.name}.interfaces.${name}`;
    if (!lab.segments.includes(nic.segment)) {
      const known = lab.segments.join(", ");
      throw new LabError(
        `${path}.segment: must be one of ${known}, got "${nic.segment}". Add it to the lab's network.`,
      );
    }
    nic.addresses.forEach((address) => checkAddress(`${path}.addresses`, address, true));
    if (nic.mac !== undefined && !/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(nic.mac)) {
      throw new LabError(`${path}.mac: must be a unicast MAC in lower case, got "${nic.mac}". Leave it out.`);
    }
  }
  for (const route of spec.routes ?? []) {
    if (route.to !== "default") checkAddress(`${spec.name}.routes`, route.to, true);
    checkAddress(`${spec.name}.routes`, route.via, false);
  }
  if (kind === "static") return;
  const nics = Object.entries(spec.interfaces).map(([name, nic]) => [name, { ...nic, mac: "", tap: "" }] as const);
  const [lost] = unreachableRoutes({ name: spec.name, nics: Object.fromEntries(nics), routes: spec.routes ?? [] });
  if (lost !== undefined) {
    throw new LabError(
      `${spec.name}.routes: must have a next hop on a network of the machine for kind ${kind}, got "${lost.via}". Add an address of its network.`,
    );
  }
}

/** A management address that no machine of the lab has; a machine that is made again mostly gets its former one. */
export function freeAddress(
  lab: LabRecord,
  name: string,
  machines: Pick<MachineRecord, "managementAddress">[],
): string {
  const used = new Set(machines.map((machine) => machine.managementAddress));
  const count = LAST_ADDRESS - FIRST_ADDRESS + 1;
  const start = createHash("sha256").update(name).digest().readUInt32BE();
  for (let step = 0; step < count; step++) {
    const address = hostAddress(lab.managementSubnet, FIRST_ADDRESS + ((start + step) % count));
    if (!used.has(address)) return address;
  }
  throw new LabError(`lab ${lab.id}: all ${count} management addresses are in use. Delete a machine first.`);
}

/** The record of a new machine. */
export function machineRecord(
  lab: LabRecord,
  spec: MachineSpec,
  given: Pick<MachineRecord, "engine" | "image" | "hostKey" | "managementAddress">,
): MachineRecord {
  const nic = (name: string, rest: Omit<NicRecord, "tap" | "mac">, mac?: string): NicRecord => ({
    ...rest,
    mac: mac ?? macAddress(lab.id, spec.name, name),
    tap: tapName(spec.name, name),
  });
  return {
    name: spec.name,
    engine: given.engine,
    kind: spec.kind ?? "static",
    memory: spec.memory ?? DEFAULT_MEMORY,
    image: given.image,
    managementAddress: given.managementAddress,
    hostKey: given.hostKey,
    nics: {
      [MANAGEMENT_NIC]: nic(MANAGEMENT_NIC, { addresses: [`${given.managementAddress}/24`] }),
      ...Object.fromEntries(
        Object.entries(spec.interfaces).map(([name, { segment, addresses, mac }]) => [
          name,
          nic(name, { segment, addresses }, mac),
        ]),
      ),
    },
    routes: spec.routes ?? [],
  };
}
