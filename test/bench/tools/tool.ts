import type { BenchHost, Hosts } from "../hosts.js";
import type { Wanted } from "../setup.js";
import type { HostPlan } from "../../../infra/plan/types.js";

/** Where a tool works, and on what. */
export interface Site {
  /** A folder of this tool's alone. */
  folder: string;
  hosts: Hosts;
  all: BenchHost[];
  plan: HostPlan;
  wanted: Wanted;
}

/** What is measured of one command. */
export interface Sample {
  seconds: number;
  /** Largest resident set of the toolkit's plugin, in MB. */
  pluginMB?: number;
}

/** A phase of a tool's run; the hosts are looked at after each one. */
export interface Phase {
  name: string;
  /** What all hosts must be afterwards. */
  leaves: "set up" | "as found" | "one changed";
  run(site: Site): Promise<Sample>;
  /** The state after it, as `pulumi stack export` prints it, in kB. */
  stateKB?(site: Site): Promise<number>;
}

/** A way to set hosts up; its phases run in order, on hosts that are new before the first one. */
export interface Tool {
  name: string;
  prepare(site: Site): Promise<void>;
  phases: Phase[];
}
