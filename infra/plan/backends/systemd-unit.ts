import { template } from "../part.js";
import type { AddressWant, RouteWant } from "../types.js";
import type { NetworkBackend } from "./backend.js";

const running = { enabled: true, active: true };

/**
 * One-shot units that call `ip`: for any host with systemd, whatever manages its network. Addresses of lo come early,
 * before anything can bind to them; those of other interfaces, and routes, when the network is up.
 */
export const systemdUnit: NetworkBackend = {
  persist({ cluster, suffix, links, rules, addresses, routes }) {
    const all = Object.entries(addresses).map(([key, want]) => addressCommand(key, want));
    const isEarly = ({ dev }: Command) => dev === "lo" || (dev !== undefined && dev in links);
    const early = [...Object.keys(links).map(linkCommand), ...all.filter(isEarly)];
    const late = [
      ...all.filter((command) => !isEarly(command)),
      ...Object.entries(routes).map(([to, want]) => routeCommand(to, want)),
    ];
    const unit = (name: string, commands: Command[]) =>
      commands.length === 0
        ? []
        : ([
            [
              `${name}${suffix}.service`,
              {
                ...(suffix !== "" && { template: `etc/systemd/system/${name}.service` }),
                ...template("0644", {
                  cluster,
                  up: commands.map(({ up }) => up),
                  down: commands.map(({ down }) => down).reverse(),
                }),
              },
            ],
          ] as const);
    const units = [
      ...unit("lvs-rules", rules.map(ruleCommand)),
      ...unit("lvs-addresses", early),
      ...unit("lvs-routes", late),
    ];
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

function linkCommand(dev: string): Command {
  return { up: `ip link set dev ${dev} up`, down: `ip link set dev ${dev} down` };
}

/** Once, however often the unit is started. */
function ruleCommand(rule: string): Command {
  const [program = "", table = "", chain = "", ...words] = rule.split(" ");
  const call = (verb: string) => [program, "-w", "-t", table, verb, chain, ...words].join(" ");
  return { up: `sh -c '${call("-C")} 2>/dev/null || ${call("-A")}'`, down: call("-D") };
}

function addressCommand(key: string, want: AddressWant): Command {
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

function routeCommand(to: string, { via, dev, src, metric }: RouteWant): Command {
  const words = [
    via === undefined ? "" : ` via ${via}`,
    dev === undefined ? "" : ` dev ${dev}`,
    src === undefined ? "" : ` src ${src}`,
    metric === undefined ? "" : ` metric ${metric}`,
  ].join("");
  const family = to.includes(":") || to === "default6" ? " -6" : "";
  const target = to === "default6" ? "default" : to;
  return { up: `ip${family} route replace ${target}${words}`, down: `ip${family} route del ${target}${words}` };
}
