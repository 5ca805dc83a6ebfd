import { familyOf } from "../address.js";
import type { Cluster } from "../cluster.js";
import type { Draft } from "../draft.js";
import type { Path } from "../path.js";
import type { Problem } from "../problem.js";
import { show } from "../show.js";
import { methodOf } from "./forwarding.js";
import { duplicates, hostsOf, placed, problem, type Claim, type PlacedHost, type Rule } from "./rule.js";

/** What a host's manager cannot do is said before it is tried. */
export const networkBackend: Rule<Cluster> = (cluster) =>
  hostsOf(cluster).flatMap((placedHost) => {
    const backend = placedHost.host.networkBackend ?? cluster.networkBackend ?? "systemd-unit";
    return [
      ...names(placedHost, backend),
      ...(backend === "systemd-unit" ? [] : routesOfDevices(placedHost, backend)),
      ...(mayBeIfcfg(backend) ? aliases(cluster, placedHost) : []),
    ];
  });

/** Names of interfaces mean something to managers only that keep files by other names. */
function names({ at, host }: PlacedHost, backend: string): Problem[] {
  return Object.entries(host.networkNames ?? {}).flatMap(([name, value]) => {
    const place = [...at, "networkNames", name];
    if (backend === "detect")
      return [problem("cluster", place, "no name beside detect, which asks the host", show(value), "Take it out.")];
    if (backend !== "networkd" && backend !== "netplan") {
      const rule = "no name beside a backend that keeps interfaces by their own names";
      return [problem("cluster", place, rule, `${show(value)} with ${backend}`, "Take it out.")];
    }
    if (backend === "netplan" || value === undefined || !value.includes("/")) return [];
    const rule = "a name without a section, which only netplan has";
    return [problem("cluster", place, rule, show(value), `Write it as ${value.split("/")[1]}.`)];
  });
}

/** A manager keeps a route with the interface that it leaves by. */
function routesOfDevices({ at, host }: PlacedHost, backend: string): Problem[] {
  return placed(host.routes, [...at, "routes"]).flatMap(({ at: place, item }) => {
    // Neither of them is said by another rule.
    if (item.interface !== undefined || item.via === undefined) return [];
    const who = backend === "detect" ? "network managers keep" : `${backend} keeps`;
    const rule = `an interface, because ${who} routes by interface`;
    const next = `Add interface: ${host.interface ?? "eth0"}, or the one that leads to ${item.via}.`;
    return [problem("cluster", [...place, "interface"], rule, "nothing", next)];
  });
}

/** In ifcfg files a label is the name of an alias, and a file: ifup-aliases takes letters, digits and underscores. */
function aliases(cluster: Draft<Cluster>, { at, role, host }: PlacedHost): Problem[] {
  const own: Claim[] = placed(host.addresses, [...at, "addresses"])
    .filter(({ item }) => item.address !== undefined && familyOf(item.address) === 4)
    .map(({ at: place, item }) => ({ at: [...place, "label"], value: item.label }));
  const method = methodOf(cluster, "forwarding" in host ? host : {});
  const hasVips =
    role === "realServer" ? method === "dr" || method === "tun" : role === "director" && cluster.vrrp === undefined;
  const vips: Claim[] = placed(hasVips ? cluster.vips : [], ["vips"])
    .filter(({ item }) => item.address !== undefined && familyOf(item.address) === 4)
    .map(({ at: place, item }) => ({
      at: [...place, "label"],
      // On a real server only the suffix is the VIP's.
      value: role === "realServer" ? item.label?.replace(/^[^:]*/, "lo") : item.label,
    }));
  const all = [...vips, ...own];
  const rule = "a label whose suffix has letters, digits and underscores only, because it names an alias of ifcfg";
  const odd = all.flatMap(({ at: place, value }) =>
    value === undefined || /:\w+$/.test(String(value))
      ? []
      : [problem("cluster", place, rule, show(value), `Write it as ${String(value).replaceAll(/[.-]/g, "_")}.`)],
  );
  return [
    ...odd,
    ...duplicates("cluster", all, "a label once on a host with ifcfg, because it names a file", "Count on."),
  ];
}

/** What a host is asked may be ifcfg. */
function mayBeIfcfg(backend: string | undefined): boolean {
  return backend === "ifcfg" || backend === "detect";
}

/** Files that a backend writes, by their paths: all of a kind, since which of them depends on the rest of the stack. */
export function isBackendsFile(path: Path[number], backend: string | undefined): boolean {
  const text = String(path);
  if (mayBeIfcfg(backend) && /^\/etc\/sysconfig\/network-scripts\/(ifcfg-[^/]*:|route6?-)[^/]*$/.test(text))
    return true;
  return /^\/etc\/(systemd\/network|systemd\/networkd\.conf\.d|netplan|network|NetworkManager)\/.*pulumi-lvs/.test(
    text,
  );
}
