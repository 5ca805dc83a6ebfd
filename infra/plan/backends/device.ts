import { natural } from "../../spec/index.js";
import { addressKey } from "../keys.js";
import type { AddressWant, RouteWant } from "../types.js";
import type { NetworkWant } from "./backend.js";

/** What one device gets, since managers keep their files by device. */
export interface DeviceWant {
  dev: string;
  /** True for a device that a module brings, and that has to be switched on. */
  link: boolean;
  /** With prefix length. */
  addresses: ({ address: string } & AddressWant)[];
  /** By destination, as in a plan: `default6` for all of IPv6. */
  routes: ({ to: string } & Omit<RouteWant, "dev">)[];
}

/** Addresses, routes and links by device, in the order of their names. A route without a device is nowhere among them. */
export function perDevice(
  { links, addresses, routes }: Pick<NetworkWant, "links" | "addresses" | "routes">,
  others: readonly string[] = [],
): DeviceWant[] {
  const devices = new Map<string, DeviceWant>();
  const of = (dev: string) => {
    const known = devices.get(dev) ?? { dev, link: dev in links, addresses: [], routes: [] };
    devices.set(dev, known);
    return known;
  };
  for (const dev of [...others, ...Object.keys(links)]) of(dev);
  for (const [key, want] of Object.entries(addresses)) {
    const [dev = "", address = ""] = key.split(" ");
    of(dev).addresses.push({ address, ...want });
  }
  for (const [to, { dev, ...want }] of Object.entries(routes))
    if (dev !== undefined) of(dev).routes.push({ to, ...want });
  return [...devices.values()].sort((a, b) => natural(a.dev, b.dev));
}

/** The way back, for what is left to another backend. */
export function wantsOf(devices: readonly DeviceWant[]): Pick<NetworkWant, "links" | "addresses" | "routes"> {
  return {
    links: Object.fromEntries(devices.filter(({ link }) => link).map(({ dev }) => [dev, { up: true }])),
    addresses: Object.fromEntries(
      devices.flatMap(({ dev, addresses }) =>
        addresses.map(({ address, ...want }) => [addressKey(dev, address), want] as const),
      ),
    ),
    routes: Object.fromEntries(
      devices.flatMap(({ dev, routes }) => routes.map(({ to, ...want }) => [to, { ...want, dev }] as const)),
    ),
  };
}

/** True for a device that no manager sets up unless it is told: lo, and what a module brings. */
export function isOurs({ dev, link }: DeviceWant): boolean {
  return dev === "lo" || link;
}

/** True for a default route that does not say how it stands to others. */
export function isGateway({ to, metric }: DeviceWant["routes"][number]): boolean {
  return (to === "default" || to === "default6") && metric === undefined;
}
