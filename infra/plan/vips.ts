import { addressOf, natural, type Cluster, type Director, type Vip } from "../spec/index.js";
import { addressKey } from "./keys.js";
import type { AddressWant } from "./types.js";

/** The cluster's VIPs ordered by address: both directors must advertise one list. */
export function sortedVips(cluster: Cluster): Vip[] {
  return [...cluster.vips].sort((a, b) => natural(a.address, b.address));
}

/** The interface of a director that gets a VIP. */
export function vipInterface(vip: Vip, director: Director): string {
  return vip.interface ?? director.interface;
}

/** A director's VIPs as `<dev> <address>/<prefix>`. */
export function directorVips(cluster: Cluster, director: Director): string[] {
  return sortedVips(cluster).map((vip) => addressKey(vipInterface(vip, director), vip.address));
}

/**
 * VIPs on a real server's lo. Always /32: with a shorter prefix every neighbour of the VIP would count as local. The label
 * has the suffix of the director's; a VIP without label has none here either, so that adding a VIP renames no other.
 */
export function loopbackVips(cluster: Cluster): Record<string, AddressWant> {
  return Object.fromEntries(
    sortedVips(cluster).map((vip) => [
      addressKey("lo", `${addressOf(vip.address)}/32`),
      vip.label === undefined ? {} : { label: `lo:${vip.label.split(":")[1]}` },
    ]),
  );
}
