import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "../../host/types.js";
import * as ipvs from "../../linux/ipvs.js";
import * as keepalived from "../../linux/keepalived.js";
import { unapplied } from "../../linux/keepalived-text.js";
import type { Query } from "../../linux/noun.js";
import type { Table } from "../../plan/types.js";
import { batch } from "../batch.js";
import { expected } from "../health.js";
import type { Context } from "../kind.js";

/** Seconds that keepalived has to hold a new configuration; its checks are not waited for. */
const APPLY_SECONDS = 30;

/** Milliseconds from the reload on that keepalived has to put back entries that were deleted by hand, before we do it. */
const OWN_MS = 1500;
/** Milliseconds from the reload on after which a daemon that is not alive has ended. */
const DEAD_MS = 2000;

/**
 * Waits until keepalived runs what `text` says, its configuration, and the kernel holds what is wanted, and puts back entries
 * that keepalived believes to be there.
 * @param also asked with each look; its answer is of the same moment as the daemon's.
 */
export async function settle<Also>(
  context: Context,
  host: Host,
  text: string,
  table: Table,
  also: Query<Also>,
): Promise<{ daemon: keepalived.State; also: Also }> {
  const begin = Date.now();
  for (let round = 0; ; round += 1) {
    context.status("comparing the kernel's table");
    const [kernel, daemon, more] = await batch(host, [ipvs.read(), keepalived.state(), also] as const, context);
    const waited = Date.now() - begin;
    if (!daemon.alive && round > 3 && waited > DEAD_MS)
      throw new Error(
        `${host.name}: keepalived must run, got no live daemon. Look at "journalctl -u keepalived" there.`,
      );
    const { changes, steps } = ipvs.difference(kernel, expected(table, daemon));
    const other = unapplied(text, daemon.instances);
    if (daemon.alive && changes.length === 0 && other.length === 0) return { daemon, also: more };
    if (waited > APPLY_SECONDS * 1000)
      throw new Error(
        `${host.name}: keepalived and the kernel's table must be as the configuration says after ${APPLY_SECONDS} s, ` +
          `got these differences: ${[...other, ...changes].join("; ")}. Look at "journalctl -u keepalived" there.`,
      );
    // A reload does not restore entries deleted by hand (acassen/keepalived#1877); give it a moment to do its own first.
    if (round >= 3 && waited > OWN_MS) await host.run(steps);
    // A reload is mostly over when it is looked at for the second time.
    await sleep(Math.min(500, 100 * 2 ** round), undefined, { signal: context.signal });
  }
}
