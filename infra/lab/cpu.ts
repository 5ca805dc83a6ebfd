import { readFile } from "node:fs/promises";
import { findProcesses } from "./processes.js";

/** The CPUs of a list as `/proc/<pid>/status` writes it: `0-2,5`. */
export function parseCpuList(text: string): number[] {
  return text
    .trim()
    .split(",")
    .flatMap((part) => {
      const [first = NaN, last = first] = part.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** The CPU of `allowed` that stands alone in the fewest of the other processes' lists; the first of several. */
export function leastUsed(allowed: readonly number[], others: readonly (readonly number[])[]): number {
  const use = (cpu: number) => others.filter((list) => list.length === 1 && list[0] === cpu).length;
  return [...allowed].sort((a, b) => use(a) - use(b) || a - b)[0] ?? 0;
}

async function allowedCpus(pid: number | "self"): Promise<number[]> {
  try {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    return parseCpuList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? "0");
  } catch (cause) {
    // It ended while it was looked at.
    if (["ENOENT", "ESRCH"].includes((cause as NodeJS.ErrnoException).code ?? "")) return [];
    throw cause;
  }
}

/** The CPU for the next machine: the one on which the fewest lab machines run. */
export async function quietestCpu(): Promise<number> {
  const machines = (await findProcesses(() => true)).filter(({ leader }) => leader);
  const lists = await Promise.all(machines.map(({ pid }) => allowedCpus(pid)));
  return leastUsed(await allowedCpus("self"), lists);
}
