import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { limitOf } from "../host/batch.js";
import { CommandError } from "../host/errors.js";
import type { Host, Step } from "../host/types.js";
import { leave, take, TAKEN } from "../linux/lease.js";
import type { Context } from "./kind.js";

/** Seconds that a host stays ours between two batches: as long as a run that was killed keeps others waiting. */
const PAUSE_SECONDS = 10;
/** Seconds that another run is waited for. */
const PATIENCE_SECONDS = 900;

/**
 * Changes a host as its only one: two runs, from whatever machine, never interleave on it. Each batch takes the host for as
 * long as it may take itself, so that nothing is left to clean up after a run that was killed.
 */
export async function alone<T>(context: Context, host: Host, work: (host: Host) => Promise<T>): Promise<T> {
  const owner = randomBytes(8).toString("hex");
  const words = `${userInfo().username}@${hostname()} (process ${process.pid}, ${context.name})`;
  let taken = false;
  const own: Host = {
    name: host.name,
    async run(steps, options = {}) {
      if (steps.length === 0) return [];
      const seconds = steps.reduce((sum, step) => sum + limitOf(step), PAUSE_SECONDS);
      const all: Step[] = [take(owner, words, seconds), ...steps, take(owner, words, PAUSE_SECONDS)];
      try {
        const results = await untilOurs(context, host.name, () => host.run(all, options));
        taken = true;
        return results.slice(1, -1);
      } catch (error) {
        // A command that failed came after the one that took the host; a host that was not reached is not asked again.
        taken ||= error instanceof CommandError;
        throw error;
      }
    },
  };
  try {
    return await work(own);
  } finally {
    // An interrupted batch may still run over there, and a host may be out of reach: then it is free when its time is over.
    if (taken && !context.signal.aborted) await host.run([{ ...leave(owner), accept: "any" }]).catch(() => undefined);
  }
}

async function untilOurs<T>(context: Context, name: string, run: () => Promise<T>): Promise<T> {
  const begin = Date.now();
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof CommandError) || error.code !== TAKEN || error.argv[3] !== "take-lease") throw error;
      const [left = "", ...words] = error.stdout.trim().split(" ");
      const waited = Math.round((Date.now() - begin) / 1000);
      if (waited > PATIENCE_SECONDS)
        throw new Error(
          `${name}: must be changed by one run at a time, got another one for ${waited} s: ${words.join(" ")}. ` +
            `Wait until it has ended, or end it: its hold ends at most ${left} s later.`,
          { cause: error },
        );
      context.status(`waiting, ${words.join(" ")} is changing this host`);
      await sleep(1000, undefined, { signal: context.signal });
    }
  }
}
