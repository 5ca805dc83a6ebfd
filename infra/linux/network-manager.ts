import type { Query } from "./noun.js";
import { lines, script } from "./script.js";

/** A manager that has set up an interface, and under what name it has it. */
export interface Claim {
  manager: "networkd" | "netplan" | "networkmanager" | "ifcfg" | "ifupdown";
  /** Of its `.network` file without extension, or of its definition in YAML: `bonds/bond0`. Others know the interface's own. */
  name?: string;
}

/** What the managers of a host say of its interfaces. */
export interface Managers {
  /** Seconds since the host has booted: at first a manager may not have come to an interface yet. */
  uptime: number;
  /** Who has set up each one, the first claim having the last word; undefined for an interface that is not there. */
  claims: Record<string, Claim[] | undefined>;
}

/** Asks the managers of a host which of the interfaces they have set up: networkctl(1), nmcli(1), ifquery(8). */
export function managers(interfaces: string[]): Query<Managers> {
  return {
    steps: [script("read-network", interfaces)],
    parse: (results) => {
      const [uptime, ...rest] = lines(results[0]!.stdout);
      const said = rest.map((line) => line.split(" "));
      const claimed = (dev: string): Claim[] | undefined => {
        const own = said.filter(([name]) => name === dev).map(([, manager, name]) => ({ manager, name }));
        if (own.some(({ manager }) => manager === "missing")) return undefined;
        return own.map(({ manager, name }) => ({ manager, ...(name && { name }) }) as Claim);
      };
      return { uptime: Number(uptime), claims: Object.fromEntries(interfaces.map((dev) => [dev, claimed(dev)])) };
    },
  };
}
