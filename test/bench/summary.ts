import type { Measured } from "./measure.js";

/** The medians of all runs of one phase of one tool. */
export interface Median {
  tool: string;
  phase: string;
  hosts: number;
  runs: number;
  seconds: number;
  connections: number;
  touched: number;
  computing?: number;
  /** The largest of all runs. */
  pluginMB?: number;
  stateKB?: number;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: number[]): number {
  if (values.length === 0) throw new RangeError("median: must have a value, got none");
  const sorted = [...values].sort((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return (sorted[Math.floor(half)]! + sorted[Math.ceil(half)]!) / 2;
}

/** A median for each phase, tool and number of hosts; by hosts, then in the order in which they were measured. */
export function summarise(measured: Measured[]): Median[] {
  const groups = new Map<string, Measured[]>();
  for (const each of measured) {
    const key = `${each.hosts} ${each.tool} ${each.phase}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const medians = [...groups.values()].map((group) => {
    const { tool, phase, hosts } = group[0]!;
    const largest = (key: "pluginMB" | "stateKB") => {
      const values = group.flatMap((each) => each[key] ?? []);
      return values.length > 0 ? { [key]: Math.max(...values) } : {};
    };
    const of = (key: "seconds" | "connections" | "touched") => median(group.map((each) => each[key]));
    return {
      ...{ tool, phase, hosts, runs: group.length },
      ...{ seconds: of("seconds"), connections: of("connections"), touched: of("touched") },
      ...counted(group),
      ...largest("pluginMB"),
      ...largest("stateKB"),
    };
  });
  return medians.sort((a, b) => a.hosts - b.hosts);
}

function counted(group: Measured[]): { computing?: number } {
  const values = group.flatMap(({ computing }) => computing ?? []);
  return values.length > 0 ? { computing: median(values) } : {};
}
