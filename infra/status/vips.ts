import { canonicalAddress } from "../linux/canonical.js";
import type { DirectorSight } from "./look.js";
import type { ClusterStatus } from "./schema.js";
import type { KnownCluster, KnownDirector } from "./state.js";

/** A director that was reached: what it was set up to serve, and what it serves. */
export interface Seen {
  known: KnownDirector;
  sight: DirectorSight;
  /** When, as Unix time in milliseconds. */
  at: number;
}

/** Who has each address that moves, at a moment (Unix time in milliseconds). */
export function vipsOf({ directors }: KnownCluster, seen: Seen[], now: number): ClusterStatus["vips"] {
  const addresses = [...new Set(directors.flatMap(({ vips }) => vips.map((key) => key.split(" ")[1]!)))];
  return addresses.map((address) => ({
    address,
    holders: seen.flatMap(({ known, sight, at }) => {
      const dev = known.vips.find((key) => key.endsWith(` ${address}`))?.split(" ")[0];
      const [ip = "", length] = address.split("/");
      const has = sight.held.find((each) => each.dev === dev && each.address === `${canonicalAddress(ip)}/${length}`);
      if (has === undefined) return [];
      const { dev: name, age } = has;
      const since = age ? new Date(age.since * 1000).toISOString() : null;
      const seconds = age ? Math.round(age.seconds * 10 + (now - at) / 100) / 10 : null;
      return [{ host: known.name, interface: name, since, seconds }];
    }),
  }));
}

/** Addresses that not exactly one director has, and those that the wrong one has. */
export function holderProblems({ directors }: KnownCluster, seen: Seen[], vips: ClusterStatus["vips"]): string[] {
  return vips.flatMap(({ address, holders: [holder, ...others] }) => {
    if (holder === undefined)
      // One that was not reached may have it.
      return seen.length < directors.length ? [] : [`${address}: exactly one director must hold it, got none.`];
    if (others.length > 0) {
      const names = [holder, ...others].map(({ host }) => host).join(" and ");
      return [`${address}: exactly one director must hold it, got ${names}.`];
    }
    const better = preferred(address, holder.host, seen);
    return better === undefined
      ? []
      : [`${address}: ${better} must hold it, having the higher priority, got ${holder.host}.`];
  });
}

/** A director that takes an address over as soon as it can, from the one that has it; by what both keepalived say. */
function preferred(address: string, holder: string, seen: Seen[]): string | undefined {
  const [ip = "", length] = address.split("/");
  const canonical = `${canonicalAddress(ip)}/${length}`;
  const instances = seen.find(({ known }) => known.name === holder)?.sight.daemon.instances ?? {};
  const [name, own] = Object.entries(instances).find(([, { vips }]) => vips.includes(canonical)) ?? [];
  if (name === undefined || own === undefined || own.settings.includes("nopreempt")) return undefined;
  const base = (instance: { settings: string[] } | undefined) =>
    Number(instance?.settings.find((setting) => setting.startsWith("priority "))?.split(" ")[1] ?? 0);
  return seen.find(({ sight }) => base(sight.daemon.instances[name]) > base(own))?.known.name;
}
