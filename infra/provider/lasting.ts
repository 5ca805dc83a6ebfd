import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "./kind.js";

/**
 * What two looks, some milliseconds apart, both find: what is on its way while one looks is no finding. One look when it finds
 * nothing, and none where somebody has `found` nothing just now.
 */
export async function lasting(
  context: Context,
  pauseMs: number,
  look: () => Promise<string[]>,
  found?: string[],
): Promise<string[]> {
  const first = found ?? (await look());
  if (first.length === 0) return [];
  await sleep(pauseMs, undefined, { signal: context.signal });
  const second = await look();
  return first.filter((each) => second.includes(each));
}
