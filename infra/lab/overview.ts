import { LabError } from "./errors.js";
import { listLabIds, listMachineNames, readLab, readMachineRecord, type NicRecord } from "./inventory.js";
import { blockedMachines } from "./links.js";
import { belongsTo, namespaceName, processMark } from "./names.js";
import { findProcesses } from "./processes.js";

/** A machine in {@link overview}. */
export interface MachineSummary {
  name: string;
  state: "running" | "stopped" | "broken";
  blocked: boolean;
  pid?: number;
  address?: string;
  memory?: number;
  nics?: Record<string, NicRecord>;
}

/** A lab in {@link overview}. */
export interface LabSummary {
  id: string;
  /** Undefined when the lab's record cannot be read. */
  stack?: string;
  root?: string;
  segments?: string[];
  managementSubnet?: string;
  namespace: string;
  /** True when it belongs to the project that was asked for. */
  own: boolean;
  /** Why the lab's record cannot be read. */
  broken?: string;
  machines: MachineSummary[];
}

async function attempt<T>(work: Promise<T | undefined>): Promise<{ value?: T; broken?: string }> {
  try {
    const value = await work;
    return value === undefined ? { broken: "its record is missing" } : { value };
  } catch (cause) {
    if (cause instanceof LabError) return { broken: cause.message };
    throw cause;
  }
}

/** All labs of this host with their machines' states, also broken ones. */
export async function overview(root: string): Promise<LabSummary[]> {
  const ids = await listLabIds();
  if (ids.length === 0) return [];
  const processes = await findProcesses(() => true);
  return Promise.all(
    ids.map(async (id) => {
      const { value: lab, broken } = await attempt(readLab(id));
      const blocked = await blockedMachines(id);
      const machines = (await listMachineNames(id)).map(async (name): Promise<MachineSummary> => {
        const { value: record } = await attempt(readMachineRecord(id, name));
        const own = processes.filter((each) => each.mark === processMark(id, name));
        const pid = (own.find((each) => each.leader) ?? own[0])?.pid;
        const state = record === undefined ? "broken" : pid === undefined ? "stopped" : "running";
        const { managementAddress: address, memory, nics } = record ?? {};
        return { name, state, blocked: blocked.has(name), pid, address, memory, nics };
      });
      const { stack, root: owner, segments, managementSubnet } = lab ?? {};
      const facts = { stack, root: owner, segments, managementSubnet, namespace: namespaceName(id), broken };
      return { id, ...facts, own: belongsTo(id, root), machines: await Promise.all(machines) };
    }),
  );
}
