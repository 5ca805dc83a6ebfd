import { addressOf, familyOf, natural, widthOf, type Cluster, type Director, type Vip } from "../spec/index.js";
import { addressKey } from "./keys.js";
import type { AddressWant } from "./types.js";

/** The cluster's VIPs ordered by address: all directors must advertise one list. */
export function sortedVips(cluster: Cluster): Vip[] {
  return [...cluster.vips].sort((a, b) => natural(a.address, b.address));
}

/** The interface of a director that gets a VIP, the DIP or the LIPs. */
export function deviceOf({ interface: own }: { interface?: string | undefined }, director: Director): string {
  return own ?? director.interface;
}

/** An address that moves from director to director. */
export interface Floating {
  /** With its prefix length. */
  address: string;
  dev: string;
  label?: string | undefined;
  /** Name of the VRRP instance that it belongs to. */
  instance: string | undefined;
  kind: "vip" | "dip" | "lip";
}

/** VIPs, then the DIP, then the LIPs, as one director has them. */
export function floatingAddresses(cluster: Cluster, director: Director): Floating[] {
  const { dip, lips, vrrp } = cluster;
  const first = vrrp?.instance;
  return [
    ...sortedVips(cluster).map((vip): Floating => ({
      address: vip.address,
      dev: deviceOf(vip, director),
      label: vip.label,
      instance: vip.instance ?? first,
      kind: "vip",
    })),
    ...(dip === undefined
      ? []
      : [
          {
            address: dip.address,
            dev: deviceOf(dip, director),
            label: dip.label,
            instance: first,
            kind: "dip" as const,
          },
        ]),
    ...(lips?.addresses ?? []).map((address): Floating => ({
      address,
      dev: deviceOf(lips ?? {}, director),
      instance: first,
      kind: "lip",
    })),
  ];
}

/** The same as `<dev> <address>/<prefix>`. */
export function floatingKeys(cluster: Cluster, director: Director): string[] {
  return floatingAddresses(cluster, director).map(({ dev, address }) => addressKey(dev, address));
}

/**
 * VIPs on a real server's own device. Always for a single host: with a shorter prefix every neighbour of the VIP would
 * count as local. The label has the suffix of the director's; a VIP without label has none here either, so that adding
 * a VIP renames no other. A tunnel device has IPv4 addresses only; a label longer than the kernel takes is left out.
 */
export function hostVips(cluster: Cluster, dev: string): Record<string, AddressWant> {
  return Object.fromEntries(
    sortedVips(cluster).map((vip) => {
      const address = addressOf(vip.address);
      const device = familyOf(address) === 6 ? "lo" : dev;
      const label = vip.label === undefined ? undefined : `${device}:${vip.label.split(":")[1]}`;
      return [
        addressKey(device, `${address}/${widthOf(address)}`),
        label === undefined || label.length > 15 || familyOf(address) === 6 ? {} : { label },
      ];
    }),
  );
}
