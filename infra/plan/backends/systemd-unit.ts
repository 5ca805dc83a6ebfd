import { template } from "../part.js";
import type { AddressWant, RouteWant } from "../types.js";
import type { NetworkBackend } from "./backend.js";

const running = { enabled: true, active: true };

/**
 * One-shot units that call `ip`: for any host with systemd, whatever manages its network. Addresses of lo come early,
 * before anything can bind to them; those of other interfaces, and routes, when the network is up.
 */
export const systemdUnit: NetworkBackend = {
  persist({ cluster, addresses, routes }) {
    const all = Object.entries(addresses).map(([key, want]) => addressCommand(key, want));
    const early = all.filter(({ dev }) => dev === "lo");
    const late = [
      ...all.filter(({ dev }) => dev !== "lo"),
      ...Object.entries(routes).map(([to, want]) => routeCommand(to, want)),
    ];
    const unit = (name: string, commands: Command[]) =>
      commands.length === 0
        ? []
        : ([
            [
              name,
              template("0644", {
                cluster,
                up: commands.map(({ up }) => up),
                down: commands.map(({ down }) => down).reverse(),
              }),
            ],
          ] as const);
    const units = [...unit("lvs-addresses.service", early), ...unit("lvs-routes.service", late)];
    return {
      files: Object.fromEntries(units.map(([name, file]) => [`/etc/systemd/system/${name}`, file])),
      units: Object.fromEntries(units.map(([name]) => [name, running])),
    };
  },
};

interface Command {
  dev?: string | undefined;
  up: string;
  down: string;
}

function addressCommand(key: string, want: AddressWant): Command {
  const [dev = "", address = ""] = key.split(" ");
  const label = want.label === undefined ? "" : ` label ${want.label}`;
  const scope = want.scope === undefined ? "" : ` scope ${want.scope}`;
  return {
    dev,
    up: `ip address replace ${address} dev ${dev}${label}${scope}`,
    down: `ip address del ${address} dev ${dev}`,
  };
}

function routeCommand(to: string, { via, dev, src, metric }: RouteWant): Command {
  const words = [
    via === undefined ? "" : ` via ${via}`,
    dev === undefined ? "" : ` dev ${dev}`,
    src === undefined ? "" : ` src ${src}`,
    metric === undefined ? "" : ` metric ${metric}`,
  ].join("");
  return { up: `ip route replace ${to}${words}`, down: `ip route del ${to}${words}` };
}
