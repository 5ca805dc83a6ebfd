import { natural, type HostSpec, type NetworkChoice } from "../spec/index.js";
import { isOurs, perDevice } from "./backends/device.js";
import { backends } from "./backends/index.js";
import { sorted } from "./keys.js";
import type { FileDraft } from "./part.js";
import type { FoundNetwork, HostPlan, NetworkPlan } from "./types.js";

type Live<File> = Pick<HostPlan<File>, "links" | "addresses" | "routes">;

/** How a host's network is to be kept over a reboot; undefined where nothing is to be kept. */
export function networkPlan<File>(
  host: Pick<HostSpec, "networkNames" | "interface">,
  backend: NetworkChoice,
  { links = {}, addresses, routes }: Live<File>,
  kept: Pick<NetworkPlan, "cluster" | "suffix" | "floating" | "rules">,
): NetworkPlan | undefined {
  const devices = perDevice({ links, addresses, routes }, kept.floating);
  if (devices.length + kept.rules.length + Object.keys(routes).length === 0) return undefined;
  const theirs = devices.filter((device) => !isOurs(device)).map(({ dev }) => dev);
  return {
    backend,
    ...(host.networkNames && { names: host.networkNames }),
    // The host's own one is always among them: who sets that up also says what becomes of lo.
    interfaces: [...new Set([host.interface, ...theirs])].sort(natural),
    ...kept,
  };
}

/** What is known of a host's manager without asking it; undefined where it has to be asked. */
export function toldNetwork({ backend, names }: NetworkPlan): FoundNetwork | undefined {
  return backend === "detect" ? undefined : { backend, ...(names && { names }) };
}

/** A host's plan with the files and units by which the manager that was found brings its network up at boot. */
export function withNetwork(
  plan: HostPlan<FileDraft>,
  { cluster, suffix, floating, rules }: NetworkPlan,
  found: FoundNetwork,
): HostPlan<FileDraft> {
  const { links = {}, addresses, routes, files, units } = plan;
  const { backend, names = {} } = found;
  const kept = backends[backend].persist({ cluster, suffix, names, floating, links, rules, addresses, routes });
  const joined = <T>(own: Record<string, T>, further: Readonly<Record<string, T>> = {}) =>
    sorted([...Object.entries(own), ...Object.entries(further)]);
  return { ...plan, files: joined(files, kept.files), units: joined(units, kept.units) };
}
