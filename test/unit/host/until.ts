import { setTimeout as delay } from "node:timers/promises";

/** Waits until a condition holds, looking often; fails with its name after `seconds`. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, seconds = 10): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await delay(5);
  }
}
