import { readFileSync } from "node:fs";
import { output } from "@pulumi/pulumi/output";
import { RealServerPool } from "../../infra/index.js";
import type { HostPlan } from "../../infra/plan/types.js";
import type { Connection } from "../../infra/host/types.js";

/** What the bench asks of this program: the hosts, and what each one is to be. */
export interface Asked {
  hosts: { name: string; connection: Connection }[];
  plans: Record<string, HostPlan>;
}

const { hosts, plans } = JSON.parse(readFileSync(process.env["BENCH_ASKED"]!, "utf8")) as Asked;

new RealServerPool("bench", { hosts, plan: output(plans) });
