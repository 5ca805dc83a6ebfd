import type { Computing } from "./computing.js";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Hosts } from "./hosts.js";
import { changedPlan, lookScript, realServer, setUp, wanted, wrong } from "./setup.js";
import type { Sample, Site, Tool } from "./tools/tool.js";

/** What one phase of one tool gave in one run. */
export interface Measured extends Sample {
  tool: string;
  phase: string;
  hosts: number;
  run: number;
  /** SSH connections to all hosts together, and how many hosts had one. */
  connections: number;
  touched: number;
  /** Seconds of computing, on the hosts too; none where it cannot be counted. */
  computing?: number;
  /** kB. */
  stateKB?: number;
}

/** Runs all phases of a tool once, on new hosts, and looks after each one whether the hosts are as they must be. */
export async function measure(
  tool: Tool,
  hosts: Hosts,
  where: { folder: string; count: number; run: number; computing: Computing },
) {
  const { folder, count, run, computing } = where;
  const plan = realServer();
  const all = await hosts.fresh(count);
  const site: Site = {
    folder: join(folder, `${tool.name.replace(/\W/g, "-")}-${count}-${run}`),
    hosts,
    all,
    plan,
    wanted: wanted(plan),
  };
  mkdirSync(site.folder);
  await tool.prepare(site);
  const look = lookScript(site.wanted);
  const before = (await hosts.everywhere(look)).get(all[0]!.name)!;
  const ready = setUp(site.wanted);
  if (before === ready) throw new Error("bench: a new host must not be set up yet, got one that is");
  const measured: Measured[] = [];
  for (const phase of tool.phases) {
    hosts.connections();
    const begin = computing.seconds();
    const sample = await phase.run(site);
    const end = computing.seconds();
    const connections = hosts.connections();
    const stateKB = await phase.stateKB?.(site);
    const want = phase.leaves === "as found" ? before : ready;
    const seen = await hosts.everywhere(look);
    const [first, ...others] = all;
    const bad = wrong(seen, want, phase.leaves === "one changed" ? others : all);
    if (phase.leaves === "one changed") bad.push(...wrong(seen, setUp(wanted(changedPlan(plan))), [first!]));
    if (bad.length > 0) throw new Error(`${tool.name}, ${phase.name}: hosts must be ${phase.leaves}, got\n${bad[0]}`);
    const sum = [...connections.values()].reduce((total, each) => total + each, 0);
    measured.push({
      tool: tool.name,
      phase: phase.name,
      hosts: count,
      run,
      ...sample,
      connections: sum,
      touched: connections.size,
      ...(stateKB !== undefined && { stateKB }),
      ...(begin !== undefined && end !== undefined && { computing: end - begin }),
    });
  }
  return measured;
}
