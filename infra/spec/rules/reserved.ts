import { familyOf } from "../address.js";
import type { Cluster } from "../cluster.js";
import type { Draft } from "../draft.js";
import { destinationOf, type HostSpec } from "../host.js";
import type { Path } from "../path.js";
import type { Problem } from "../problem.js";
import { show } from "../show.js";
import { methodOf } from "./forwarding.js";
import { isBackendsFile } from "./network.js";
import { duplicates, hostsOf, placed, problem, type PlacedHost, type Rule } from "./rule.js";

const everywhere = [
  "/etc/sysctl.d/90-pulumi-lvs.conf",
  "/etc/modules-load.d/pulumi-lvs.conf",
  "/etc/systemd/system/lvs-addresses.service",
  "/etc/systemd/system/lvs-routes.service",
  "/etc/systemd/system/lvs-rules.service",
  "/etc/systemd/system/iptables.service.d/pulumi-lvs.conf",
  "/etc/systemd/system/ip6tables.service.d/pulumi-lvs.conf",
  "/etc/systemd/system/nftables.service.d/pulumi-lvs.conf",
  "/usr/share/netfilter-persistent/plugins.d/90-pulumi-lvs",
  "/etc/pulumi-lvs/iptables-rules",
  "/etc/pulumi-lvs/nft-rules",
  "/usr/local/sbin/lvs-iptables-rules",
  "/usr/local/sbin/lvs-nft-rules",
  "/etc/firewalld/policies/lvs-in.xml",
  "/etc/firewalld/policies/lvs-fwd.xml",
];

/** Files that the cluster itself writes, by role. */
const files: Readonly<Record<PlacedHost["role"], readonly string[]>> = {
  director: [
    ...everywhere,
    "/etc/keepalived/keepalived.conf",
    "/etc/modprobe.d/pulumi-lvs.conf",
    "/etc/pulumi-lvs/ipvsadm.rules",
    "/etc/pulumi-lvs/vips",
    "/etc/systemd/system/keepalived.service.d/pulumi-lvs.conf",
    "/etc/systemd/system/lvs-table.service",
    "/etc/systemd/system/lvs-vip-guard.service",
    "/usr/local/sbin/lvs-table",
    "/usr/local/sbin/lvs-vip-guard",
    "/usr/local/sbin/lvs-vip-sweep",
  ],
  realServer: [...everywhere, "/etc/systemd/system/lvs-tunnel.service"],
  router: everywhere,
};

/** Units that the cluster itself keeps, on any host. */
const units = [
  "keepalived.service",
  "lvs-addresses.service",
  "lvs-routes.service",
  "lvs-rules.service",
  "lvs-table.service",
  "lvs-tunnel.service",
  "lvs-vip-guard.service",
];

/** What the exporter adds to a director's. */
const exporter = {
  files: [
    "/etc/default/prometheus-node-exporter",
    "/etc/systemd/system/prometheus-node-exporter.service.d/pulumi-lvs.conf",
  ],
  units: ["prometheus-node-exporter.service"],
};

/** What the cluster itself writes on a host is not the user's to write as well. */
export const reservedNames: Rule<Cluster> = (cluster) =>
  hostsOf(cluster).flatMap(({ at, role, host }) => {
    const rule = "one that the cluster does not keep itself";
    const next = "Take it out here.";
    // Who has no exporter of ours may have one of their own.
    const exports = role === "director" && cluster.metrics !== undefined;
    return [
      ...Object.keys(host.files ?? {})
        .filter(
          (path) =>
            [...files[role], ...(exports ? exporter.files : [])].includes(path) ||
            isBackendsFile(path, host.networkBackend ?? cluster.networkBackend),
        )
        .map((path) => problem("cluster", [...at, "files", path], `a file, ${rule}`, show(path), next)),
      ...Object.keys(host.units ?? {})
        .filter((name) => [...units, ...(exports ? exporter.units : [])].includes(name))
        .map((name) => problem("cluster", [...at, "units", name], `a unit, ${rule}`, show(name), next)),
    ];
  });

/** A sysctl on which the forwarding method stands cannot have another value: the kernel takes the larger of all and interface. */
export const reservedSysctls: Rule<Cluster> = (cluster) =>
  hostsOf(cluster).flatMap(({ at, role, host }) => {
    const own = "forwarding" in host ? host.forwarding : undefined;
    const used = (cluster.realServers ?? []).map((server) => methodOf(cluster, server));
    // A director is as its most demanding real server wants it.
    const wanted = used.find((each) => each === "fullnat" || each === "nat");
    const method = (role === "director" ? wanted : own) ?? cluster.forwarding;
    const { fixed, why } = fixedSysctls(role, method, host.interface);
    return Object.entries(host.sysctls ?? {}).flatMap(([key, value]) => {
      const want = fixed[key];
      if (want === undefined || String(value) === want) return [];
      return [problem("cluster", [...at, "sysctls", key], `${want}, because ${why}`, show(value), "Take it out here.")];
    });
  });

const forward = { "net.ipv4.ip_forward": "1" };

function fixedSysctls(
  role: PlacedHost["role"],
  method: Draft<Cluster>["forwarding"],
  name: string | undefined,
): { fixed: Record<string, string>; why: string } {
  const per = (settings: Record<string, string>): Record<string, string> =>
    Object.fromEntries(
      ["all", ...(name === undefined ? [] : [name.replaceAll(".", "/")])].flatMap((scope) =>
        Object.entries(settings).map(([key, value]) => [`net.ipv4.conf.${scope}.${key}`, value]),
      ),
    );
  const arp = { arp_ignore: "1", arp_announce: "2" };
  if (role === "router") return { fixed: forward, why: "a router forwards" };
  if (role === "director") {
    const routes = method === "nat" || method === "fullnat";
    const tracked: Record<string, string> = method === "fullnat" ? { "net.ipv4.vs.conntrack": "1" } : {};
    return { fixed: routes ? { ...forward, ...tracked } : {}, why: `a director needs it under ${method}` };
  }
  if (method === "dr") return { fixed: per(arp), why: "direct routing needs it on a real server" };
  if (method === "tun") return { fixed: per({ ...arp, rp_filter: "0" }), why: "tunnelling needs it on a real server" };
  return { fixed: {}, why: "" };
}

/** A route needs a way out, and stands once: routes are told apart by their destination. */
export const routes: Rule<Cluster> = (cluster) =>
  hostsOf(cluster).flatMap(({ at, host }) => {
    const all = placed(host.routes, [...at, "routes"]);
    const lost = all
      .filter(({ item }) => item.via === undefined && item.interface === undefined)
      .map(({ at }) => problem("cluster", at, "a route with via or interface", "neither", "Add one of them."));
    const once = [false, true].flatMap((six) => {
      const targets = all
        .filter(({ item: { to = "", via } }) => (destinationOf({ to, via }) === "default6") === six)
        .map(({ at, item }) => ({ at: [...at, "to"], value: item.to }));
      return duplicates("cluster", targets, "a destination once on a host", "Put the two routes together.");
    });
    return [...lost, ...all.flatMap(({ at, item }) => routeFamilies(at, item)), ...once];
  });

/** Destination, next hop and source of a route are of one family; so they are of a route that moves with the VIPs. */
export const movingRoutes: Rule<Cluster> = (cluster) =>
  placed(cluster.vrrp?.virtualRoutes, ["vrrp", "virtualRoutes"]).flatMap(({ at, item }) => routeFamilies(at, item));

function routeFamilies(at: Path, { to, via, src }: Draft<HostSpec["routes"][number]>): Problem[] {
  // Without a next hop `default` is IPv4's.
  const first = to === "default" ? (via ?? "0.0.0.0/0") : to;
  if (first === undefined) return [];
  return [
    { field: "via", value: via, what: "a next hop" },
    { field: "src", value: src, what: "a source" },
  ].flatMap(({ field, value, what }) => {
    if (value === undefined || familyOf(value) === familyOf(first)) return [];
    const rule = `${what} of the family of ${first} (IPv${familyOf(first)})`;
    return [problem("cluster", [...at, field], rule, show(value), "Correct one of them.")];
  });
}
