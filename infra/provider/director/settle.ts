import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "../../host/types.js";
import * as ipvs from "../../linux/ipvs.js";
import * as keepalived from "../../linux/keepalived.js";
import { unapplied } from "../../linux/keepalived-text.js";
import type { Table } from "../../plan/types.js";
import { batch } from "../batch.js";
import { expected } from "../health.js";
import type { Context } from "../kind.js";

/** Seconds that keepalived has to hold a new configuration; its checks are not waited for. */
const APPLY_SECONDS = 30;

/** Waits until keepalived runs what `text` says, its configuration, and the kernel holds what is wanted, and puts back entries that keepalived believes to be there. */
export async function settle(context: Context, host: Host, text: string, table: Table): Promise<keepalived.State> {
  const deadline = Date.now() + APPLY_SECONDS * 1000;
  for (let round = 0; ; round += 1) {
    context.status("comparing the kernel's table");
    const [kernel, daemon] = await batch(host, [ipvs.read(), keepalived.state()], context);
    if (!daemon.alive && round > 3)
      throw new Error(
        `${host.name}: keepalived must run, got no live daemon. Look at "journalctl -u keepalived" there.`,
      );
    const { changes, steps } = ipvs.difference(kernel, expected(table, daemon));
    const other = unapplied(text, daemon.instances);
    if (daemon.alive && changes.length === 0 && other.length === 0) return daemon;
    if (Date.now() > deadline)
      throw new Error(
        `${host.name}: keepalived and the kernel's table must be as the configuration says after ${APPLY_SECONDS} s, ` +
          `got these differences: ${[...other, ...changes].join("; ")}. Look at "journalctl -u keepalived" there.`,
      );
    // A reload does not restore entries deleted by hand (acassen/keepalived#1877); give it a moment to do its own first.
    if (round >= 3) await host.run(steps);
    await sleep(500, undefined, { signal: context.signal });
  }
}
