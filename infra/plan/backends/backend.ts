import type { HostPart } from "../part.js";
import type { AddressWant, LinkWant, RouteWant } from "../types.js";

/** What must come up at boot by itself. */
export interface NetworkWant {
  /** Name of the cluster, for the files' origin. */
  cluster: string;
  /** End of the files' names, before their type; not empty where another layer may set up the same host. */
  suffix: string;
  /** Under what name the manager has an interface, where that is not the interface's own. */
  names: Readonly<Record<string, string>>;
  /** Interfaces with addresses that keepalived owns, and no manager may take away. */
  floating: readonly string[];
  links: Readonly<Record<string, LinkWant>>;
  rules: readonly string[];
  addresses: Readonly<Record<string, AddressWant>>;
  routes: Readonly<Record<string, RouteWant>>;
}

/** A way to make links, rules, addresses and routes survive a reboot; live they are set apart from it. */
export interface NetworkBackend {
  persist(want: NetworkWant): Pick<HostPart, "files" | "units">;
}
