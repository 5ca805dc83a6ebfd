import { ifcfg } from "./ifcfg.js";
import { ifupdown } from "./ifupdown.js";
import type { GuestKind } from "./kind.js";
import { netplan } from "./netplan.js";
import { networkd } from "./networkd.js";
import { networkmanager } from "./networkmanager.js";

/** Managers of a guest's own network by their names; `static`, the lab's own script, is none. */
export const guestKinds = { networkd, ifupdown, netplan, networkmanager, ifcfg } as const satisfies Record<
  string,
  GuestKind
>;

/** How a guest keeps its network. */
export type MachineKind = "static" | keyof typeof guestKinds;

/** All kinds, the usual one first. */
export const MACHINE_KINDS = ["static", ...(Object.keys(guestKinds) as (keyof typeof guestKinds)[])] as const;

/** The manager of a kind; undefined for `static`. */
export function guestKind(name: string): GuestKind | undefined {
  return Object.hasOwn(guestKinds, name) ? guestKinds[name as keyof typeof guestKinds] : undefined;
}
