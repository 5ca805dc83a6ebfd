import { isRoute6 } from "../keys.js";
import type { AddressWant, RouteWant } from "../types.js";
import type { DeviceWant } from "./device.js";

/** A command that sets a thing up, and the one that takes it away. */
export interface Command {
  dev?: string | undefined;
  up: string;
  down: string;
}

/** Switches a device on. */
export function linkCommand(dev: string): Command {
  return { up: `ip link set dev ${dev} up`, down: `ip link set dev ${dev} down` };
}

/** Once, however often the unit is started. */
export function ruleCommand(rule: string): Command {
  const [program = "", table = "", chain = "", ...words] = rule.split(" ");
  const call = (verb: string) => [program, "-w", "-t", table, verb, chain, ...words].join(" ");
  return { up: `sh -c '${call("-C")} 2>/dev/null || ${call("-A")}'`, down: call("-D") };
}

/** Adds an address, or leaves it as it is; `key` is `<dev> <address>/<prefix>`. */
export function addressCommand(key: string, want: AddressWant): Command {
  const [dev = "", address = ""] = key.split(" ");
  const nodad = address.includes(":") ? " nodad" : "";
  const label = want.label === undefined ? "" : ` label ${want.label}`;
  const scope = want.scope === undefined ? "" : ` scope ${want.scope}`;
  return {
    dev,
    up: `ip address replace ${address} dev ${dev}${label}${scope}${nodad}`,
    down: `ip address del ${address} dev ${dev}`,
  };
}

/** Adds a route, or puts it into the place of one of the same metric. */
export function routeCommand(to: string, want: RouteWant): Command {
  const family = isRoute6(to) ? " -6" : "";
  const words = routeWords(to, want);
  return { up: `ip${family} route replace ${words}`, down: `ip${family} route del ${words}` };
}

/** A route in words of ip-route(8). */
export function routeWords(to: string, { via, dev, src, metric }: RouteWant): string {
  const words = [
    via === undefined ? "" : ` via ${via}`,
    dev === undefined ? "" : ` dev ${dev}`,
    src === undefined ? "" : ` src ${src}`,
    metric === undefined ? "" : ` metric ${metric}`,
  ].join("");
  return `${to === "default6" ? "default" : to}${words}`;
}

/** The commands for a whole device: the link itself where we bring it, its addresses, its routes. */
export function deviceCommands({ dev, link, addresses, routes }: DeviceWant): Command[] {
  return [
    ...(link ? [linkCommand(dev)] : []),
    ...addresses.map(({ address, ...want }) => addressCommand(`${dev} ${address}`, want)),
    ...routes.map(({ to, ...want }) => routeCommand(to, { ...want, dev })),
  ];
}
