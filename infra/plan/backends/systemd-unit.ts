import { template, type FileDraft } from "../part.js";
import type { NetworkBackend, NetworkWant } from "./backend.js";
import { addressCommand, linkCommand, routeCommand, ruleCommand, type Command } from "./commands.js";

type Persisted = ReturnType<NetworkBackend["persist"]>;

const running = { enabled: true, active: true };

/**
 * One-shot units that call `ip`: for any host with systemd, whatever manages its network. Addresses of lo come early,
 * before anything can bind to them; those of other interfaces, and routes, when the network is up. With the service of a
 * `manager` that empties interfaces when it is restarted they follow it.
 */
export const systemdUnit = {
  persist({ cluster, suffix, links, rules, addresses, routes }: NetworkWant, manager = ""): Persisted {
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
                  manager,
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

/** Files of a manager, and the units that do what is left; those follow the `manager`'s service as above. */
export function withUnits(rest: NetworkWant, own: [string, FileDraft][], manager = ""): Persisted {
  const { files = {}, units } = systemdUnit.persist(rest, manager);
  return { files: Object.fromEntries([...own, ...Object.entries(files)]), ...(units && { units }) };
}
