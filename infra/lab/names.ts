import { createHash } from "node:crypto";
import { LabError } from "./errors.js";

/** Longest name of a network interface in Linux (IFNAMSIZ without its zero byte). */
const MAX_LINK = 15;

/** Name of the management NIC in each guest. */
export const MANAGEMENT_NIC = "mgmt";

function digest(...parts: string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex");
}

function check(value: string, pattern: RegExp, what: string, rule: string): string {
  if (!pattern.test(value)) throw new LabError(`${what}: ${rule}, got ${JSON.stringify(value)}. Choose another name.`);
  return value;
}

/**
 * The id of a stack's lab, the same at each run: what a killed `up` left behind is found again under it.
 * @param root absolute path of the project that the stack belongs to
 */
export function labId(stack: string, root: string): string {
  const rule = "must be 1 to 40 of A-Z a-z 0-9 _ . - and begin with a letter or digit";
  check(stack, /^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/, "stack", rule);
  return `${stack}-${digest(root, stack).slice(0, 6)}`;
}

/** True when `id` is the id of a lab of this project, whatever became of the lab's files. */
export function belongsTo(id: string, root: string): boolean {
  const stack = stackOf(id);
  return stack !== undefined && labId(stack, root) === id;
}

/** The stack in a lab's id; undefined when it is no such id. */
export function stackOf(id: string): string | undefined {
  return /^([A-Za-z0-9][A-Za-z0-9_.-]{0,39})-[0-9a-f]{6}$/.exec(id)?.[1];
}

/** The six hex digits that end a lab's id. */
export function labHex(id: string): string {
  if (stackOf(id) === undefined) {
    throw new LabError(`lab id: must be <stack>-<6 hex digits>, got ${JSON.stringify(id)}. Make it with labId().`);
  }
  return id.slice(-6);
}

/** Network namespace of a lab. */
export function namespaceName(id: string): string {
  labHex(id);
  return `lvs-${id}`;
}

/** The lab's end of the management link in the host's root namespace. */
export function hostLinkName(id: string): string {
  return `lvs-${labHex(id)}`;
}

/** Bridge of a segment, within the lab's namespace; a long name is cut and told apart by a hash. */
export function bridgeName(segment: string): string {
  check(segment, /^[a-z0-9][a-z0-9-]{0,30}$/, "segment", "must be 1 to 31 of a-z 0-9 -");
  const name = `br-${segment}`;
  return name.length <= MAX_LINK ? name : `br-${segment.slice(0, 5)}-${digest(segment).slice(0, 6)}`;
}

/** Tap of a machine's NIC, within the lab's namespace. */
export function tapName(machine: string, nic: string): string {
  return `tap-${digest(machine, nic).slice(0, 10)}`;
}

/** What `ip link` shows beside a tap, and what its owner is recognised by. */
export function tapAlias(machine: string, nic: string): string {
  return `${machine}/${nic}`;
}

/** A locally administered MAC address, the same for the same NIC of the same lab. */
export function macAddress(id: string, machine: string, nic: string): string {
  const bytes = digest("mac", id, machine, nic).slice(0, 10).match(/../g) ?? [];
  return ["02", ...bytes].join(":");
}

/** The guest's `/etc/machine-id`: 32 hex digits, the same for the same machine of the same lab. */
export function machineId(id: string, machine: string): string {
  return digest("machine-id", id, machine).slice(0, 32);
}

/** The name by which all processes of a machine are recognised on the host. */
export function processMark(id: string, machine: string): string {
  return `lvs-${labHex(id)}-${machine}`;
}

/** Checks a machine's name: it becomes a host name. */
export function checkMachineName(name: string): string {
  const rule = "must be a host name of at most 32 of a-z 0-9 -, not beginning or ending with -";
  return check(name, /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/, "machine", rule);
}

/** Checks a NIC's name: it must not be one that the guest or the lab uses itself. */
export function checkNicName(nic: string): string {
  check(nic, /^[a-z][a-z0-9]{0,14}$/, "interface", "must be 1 to 15 of a-z 0-9 and begin with a letter");
  if (nic === MANAGEMENT_NIC || nic === "lo" || /^(vec|eth)\d+$/.test(nic)) {
    throw new LabError(
      `interface: is a name that lab guests use themselves, got "${nic}". Choose another, like ens32.`,
    );
  }
  return nic;
}
