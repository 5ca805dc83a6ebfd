import { destinationOf, type HostSpec } from "../spec/index.js";
import { addressKey } from "./keys.js";
import type { HostPart } from "./part.js";
import type { RouteWant } from "./types.js";

/** What the user wants on a host besides its role. */
export function userPart(host: HostSpec): HostPart {
  return {
    packages: host.packages,
    modules: host.modules,
    sysctls: mapValues(host.sysctls, (value) => ({ value: String(value), why: "Set in the stack file." })),
    files: mapValues(host.files, (file) =>
      typeof file === "string" ? { content: file, mode: "0644", owner: "root", group: "root" } : file,
    ),
    units: host.units,
    addresses: Object.fromEntries(
      host.addresses.map(({ address, interface: dev, label }) => [
        addressKey(dev, address),
        label === undefined ? {} : { label },
      ]),
    ),
    routes: Object.fromEntries(
      host.routes.map((route): [string, RouteWant] => [destinationOf(route), routeWant(route)]),
    ),
  };
}

function routeWant({ via, interface: dev, src, metric }: HostSpec["routes"][number]): RouteWant {
  return {
    ...(via !== undefined && { via }),
    ...(dev !== undefined && { dev }),
    ...(src !== undefined && { src }),
    ...(metric !== undefined && { metric }),
  };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
