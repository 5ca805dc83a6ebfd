import { HostError } from "../host/errors.js";
import { openHost } from "../host/pool.js";
import { address } from "../linux/address.js";
import { advertisements, type Advertisements } from "../linux/vrrp.js";
import type { VerificationPlan } from "../plan/types.js";
import { batch } from "./batch.js";
import type { Context } from "./kind.js";
import { labMachineState } from "./lab-kinds.js";
import { lasting } from "./lasting.js";
import type { Side, Sides } from "./verify.js";

/** Milliseconds between two looks: while a VIP moves, nobody has it or both. */
const PAUSE_MS = 2000;

interface Sight {
  name: string;
  vips: string[];
  heard: Advertisements;
}

/**
 * What no single host can tell: that every VIP is on one director, and that nobody else advertises with the cluster's
 * virtual router ids. Two looks, so that a VIP on its way is no problem. Directors that cannot be reached are left out:
 * their own resources say so.
 */
export function segmentProblems(context: Context, sides: Sides): Promise<string[]> {
  return lasting(context, PAUSE_MS, () => look(context, sides));
}

async function look(context: Context, { directors, plan }: Sides): Promise<string[]> {
  const sights = (await Promise.all(directors.map((side) => lookFrom(context, side, plan)))).flat();
  const whole = sights.length === directors.length;
  const known = new Set(sights.flatMap(({ heard }) => heard.own));
  const holders = Object.keys(plan.holders).flatMap((vip) => {
    const names = sights.filter(({ vips }) => vips.includes(vip)).map(({ name }) => name);
    if (names.length === 1 || (names.length === 0 && !whole)) return [];
    return [`${vip}: exactly one director must hold it, got ${names.join(" and ") || "none"}`];
  });
  const strangers = sights.flatMap(({ name, heard }) =>
    heard.others
      .filter(({ source, virtualRouterId }) => plan.vrrp?.ids.includes(virtualRouterId) && !known.has(source) && whole)
      .map(
        ({ source, virtualRouterId }) =>
          `${name} hears ${source}, which is no director, advertise virtual router id ${virtualRouterId}: ` +
          `give one of the two clusters another id`,
      ),
  );
  return [...holders, ...strangers];
}

async function lookFrom(context: Context, { name, connection }: Side, plan: VerificationPlan): Promise<Sight[]> {
  if ((await labMachineState(connection)) !== "running") return [];
  const host = await openHost(name, connection, { warn: context.warn });
  const keys = Object.keys(plan.holders);
  // Every master speaks once in an interval.
  const seconds = (plan.vrrp?.advertInterval ?? 1) + 0.5;
  try {
    const [vips, heard] = await batch(host, [address.read(keys), advertisements(seconds)], context);
    if (!heard.heard) context.warn(`${name}: other VRRP speakers are not looked for, since the host has no perl`);
    return [{ name, vips: keys.filter((key) => vips[key]?.state === "present"), heard }];
  } catch (error) {
    if (error instanceof HostError && error.kind !== "command") return [];
    throw error;
  }
}
