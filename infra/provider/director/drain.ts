import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "../../host/types.js";
import { partsOf } from "../../linux/canonical.js";
import * as ipvs from "../../linux/ipvs.js";
import type { ChangePlan, Table, TableRealServer } from "../../plan/types.js";
import { batch } from "../batch.js";
import type { Context } from "../kind.js";

/** A real server that a service is to lose. */
export interface Leaving {
  service: string;
  realServer: string;
  entry: TableRealServer;
}

/** The real servers that the kernel has for a service that stays, and that are no longer wanted there. */
export function leaving(kernel: Table, want: Table): Leaving[] {
  return Object.entries(kernel).flatMap(([service, { realServers }]) => {
    const wanted = want[service];
    if (wanted === undefined) return [];
    return Object.entries(realServers)
      .filter(([key]) => wanted.realServers[key] === undefined && wanted.sorryServer?.[key] === undefined)
      .map(([realServer, entry]) => ({ service, realServer, entry }));
  });
}

/**
 * Lets connections end before their real server leaves the table: the kernel drops the packets of a connection whose
 * real server is gone. Clients that persistence holds to it count too, unless the kernel sends them elsewhere at weight 0
 * (`expire_quiescent_template`). Goes on when `drainSeconds` are over.
 */
export async function drain(context: Context, host: Host, list: Leaving[], change: ChangePlan): Promise<void> {
  if (list.length === 0 || change.drainSeconds === 0) return;
  await hold(host, list);
  const begin = Date.now();
  for (;;) {
    const [load, released] = await batch(host, [ipvs.load(), templatesAreReleased], context);
    const busy = list.flatMap(({ service, realServer }) => {
      const { active, persistent } = load[`${service} ${realServer}`] ?? { active: 0, persistent: 0 };
      const held = released ? 0 : persistent;
      if (active + held === 0) return [];
      const clients = held > 0 ? ` and ${counted(held, "client")} held by persistence` : "";
      return [`${nameOf(realServer, change)}: ${counted(active, "active connection")}${clients}`];
    });
    if (busy.length === 0) return;
    const seconds = Math.round((Date.now() - begin) / 1000);
    if (seconds >= change.drainSeconds) {
      context.warn(
        `${host.name}: ${busy.join(", ")} after ${seconds} s; cut now. A larger drainTimeout would wait longer.`,
      );
      return;
    }
    context.status(`${busy.join(", ")}; waiting until they end, at most ${change.drainSeconds} s`);
    await sleep(500, undefined, { signal: context.signal });
  }
}

/** Weight 0 for real servers that leave. One that keepalived takes out at this moment, because its check fails, is gone already. */
async function hold(host: Host, list: Leaving[]): Promise<void> {
  const steps = list.map(({ service, realServer, entry }) => ipvs.weigh(service, realServer, entry, 0));
  const results = await host.run(steps.map((step) => ({ ...step, accept: "any" as const })));
  const refused = results.map(({ code }, index) => ({ code, index })).filter(({ code }) => code !== 0);
  if (refused.length === 0) return;
  const [kernel] = await batch(host, [ipvs.read()]);
  for (const { index } of refused) {
    const { service, realServer } = list[index]!;
    if ((kernel[service]?.realServers[realServer]?.weight ?? 0) === 0) continue;
    throw new Error(
      `${host.name}: ${realServer} of ${service} must get weight 0 before it leaves, got ` +
        `"${steps[index]!.argv.join(" ")}" exited ${results[index]!.code}: ${results[index]!.stderr.trim()}. ` +
        `Look for something else on the host that changes the table, then run up again.`,
    );
  }
}

const templatesAreReleased = {
  steps: [{ argv: ["cat", "/proc/sys/net/ipv4/vs/expire_quiescent_template"], accept: "any" as const }],
  parse: (results: { stdout: string }[]) => results[0]?.stdout.trim() === "1",
};

/** The name of a real server for a person: its own, with its port where it has one. */
export function nameOf(realServer: string, { names }: ChangePlan): string {
  const { address } = partsOf(realServer);
  return names[address] ?? address;
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
