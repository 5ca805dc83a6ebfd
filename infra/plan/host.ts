import type { HostSpec, NetworkChoice } from "../spec/index.js";
import { keepRules } from "./firewall/persist.js";
import { sorted } from "./keys.js";
import { networkPlan, toldNetwork, withNetwork } from "./network.js";
import { template, type FileDraft, type HostPart, type Setting } from "./part.js";
import type { HostPlan } from "./types.js";
import { userPart } from "./user.js";

/** Where sysctls stand for the next boot. systemd-sysctl reads it, and udev's rule does again for each interface that appears later. */
export const sysctlFile = "/etc/sysctl.d/90-pulumi-lvs.conf";
/** Where modules stand for the next boot; systemd loads them before it sets sysctls, so that net.ipv4.vs.* exist by then. */
export const modulesFile = "/etc/modules-load.d/pulumi-lvs.conf";

/**
 * Merges what role, forwarding method and user want of a host, and adds the files that make it last over a reboot. Their names
 * end in `suffix` where the same host may also have another role, in another layer.
 */
export function hostPlan(
  { name: cluster, networkBackend }: { name: string; networkBackend: NetworkChoice },
  host: HostSpec,
  parts: readonly HostPart[],
  suffix: "" | "-proxy" = "",
): HostPlan<FileDraft> {
  // The user's last: what the method cannot do without was refused before, the rest is theirs to choose.
  const all = [...parts, userPart(host)];
  const merge = <Key extends Exclude<keyof HostPart, "packages" | "modules" | "rules" | "floating">>(key: Key) =>
    sorted(all.flatMap((part) => Object.entries(part[key] ?? {}))) as Required<HostPart>[Key];
  const list = (key: "packages" | "modules" | "rules" | "floating") => [
    ...new Set(all.flatMap((part) => part[key] ?? [])),
  ];
  const sysctls = merge("sysctls");
  const modules = sorted(list("modules").map((name) => [name, "loaded" as const]));
  const links = merge("links");
  const rules = list("rules");
  const addresses = { ...merge("addresses") };
  const routes = { ...merge("routes") };
  const firewall = all.flatMap((part) => part.firewall ?? [])[0];
  const kept = firewall && keepRules(cluster, firewall, rules, suffix);
  const backend = host.networkBackend ?? networkBackend;
  const network = networkPlan(
    host,
    backend,
    { links, addresses, routes },
    { cluster, suffix, floating: list("floating"), rules: kept ? [] : rules },
  );
  const plan: HostPlan<FileDraft> = {
    packages: sorted(list("packages").map((name) => [name, "installed" as const])),
    modules,
    ...(Object.keys(links).length > 0 && { links }),
    sysctls: Object.fromEntries(Object.entries(sysctls).map(([key, { value }]) => [key, value])),
    files: sorted([
      ...Object.entries(merge("files")),
      ...Object.entries(kept?.files ?? {}),
      ...whenAny(sysctls, sysctlFile, suffix, template("0644", { cluster, groups: groups(sysctls) })),
      ...whenAny(modules, modulesFile, suffix, template("0644", { cluster, modules: Object.keys(modules) })),
    ]),
    ...(rules.length > 0 && { rules: sorted(rules.map((rule) => [rule, "present" as const])) }),
    addresses,
    routes,
    units: sorted([...Object.entries(merge("units")), ...Object.entries(kept?.units ?? {})]),
  };
  if (network === undefined) return plan;
  const told = toldNetwork(network);
  const whole = told ? withNetwork(plan, network, told) : plan;
  // A cluster that says nothing of a manager is planned as ever.
  return backend === "systemd-unit" ? whole : { ...whole, network };
}

function whenAny(record: object, path: string, suffix: string, file: FileDraft): [string, FileDraft][] {
  if (Object.keys(record).length === 0) return [];
  const named = suffix === "" ? file : { template: path.slice(1), ...file };
  return [[path.replace(/\.conf$/, `${suffix}.conf`), named]];
}

/** Sysctls of one reason together, under it. */
function groups(sysctls: Readonly<Record<string, Setting>>) {
  const reasons = [...new Set(Object.values(sysctls).map(({ why }) => why))];
  return reasons.map((why) => ({
    why,
    entries: Object.entries(sysctls)
      .filter(([, setting]) => setting.why === why)
      .map(([key, { value }]) => ({ key, value })),
  }));
}
