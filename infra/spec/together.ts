import { addressOf, inNetwork, networkOf, parseCidr } from "./address.js";
import type { Cluster } from "./cluster.js";
import type { Lab } from "./lab.js";
import { suggest } from "./nearest.js";
import type { Path } from "./path.js";
import type { Problem } from "./problem.js";
import type { Proxy } from "./proxy.js";
import { methodOf } from "./rules/forwarding.js";
import { hostsOf, problem } from "./rules/rule.js";
import { show } from "./show.js";

/**
 * Rules between a cluster and the lab that it runs in; without a lab every host must say how to reach it. A host with a
 * connection of its own is none of the lab's machines.
 */
export function checkTogether(cluster: Cluster, lab: Lab | undefined): Problem[] {
  const hosts = hostsOf(cluster).flatMap(({ at, host }) =>
    host.name === undefined || host.connection !== undefined
      ? []
      : hostProblems(at, { ...host, name: host.name, interface: host.interface ?? "" }, lab),
  );
  return [
    ...hosts,
    ...segmentProblems(cluster, lab),
    ...directorProblems(cluster, lab),
    ...vipProblems(cluster, lab),
    ...clientProblems(cluster, lab),
    ...natClientProblems(cluster, lab),
  ];
}

/**
 * The same for a cluster of proxies. Its real servers need nothing, so one that cannot be reached is none of ours: unless
 * something is to be set up on it.
 */
export function checkProxyTogether(proxy: Proxy, lab: Lab | undefined): Problem[] {
  const hosts = hostsOf(proxy).flatMap(({ at, role, host }) => {
    if (host.name === undefined || host.connection !== undefined) return [];
    const known = { ...host, name: host.name, interface: host.interface ?? "" };
    if (role === "realServer" && lab?.machines[host.name] === undefined && !wantsAnything(known)) return [];
    return hostProblems(at, known, lab);
  });
  return [...hosts, ...vipProblems(proxy, lab), ...clientProblems(proxy, lab)];
}

/** True for a host on which the user wants something besides. */
export function wantsAnything(host: object): boolean {
  const { packages, modules, sysctls, files, units, addresses, routes } = host as Record<string, object | undefined>;
  if ((host as { firewall?: { allow?: boolean } }).firewall?.allow === true) return true;
  const lists = [packages, modules, sysctls, files, units, addresses, routes];
  return lists.some((each) => each !== undefined && Object.keys(each).length > 0);
}

/** Direct routing changes the MAC address only, so a director and a real server must share a segment. */
function segmentProblems(cluster: Cluster, lab: Lab | undefined): Problem[] {
  if (lab === undefined) return [];
  const segmentOf = (host: { name: string; interface: string }) =>
    lab.machines[host.name]?.interfaces[host.interface]?.segment;
  // A director may reach real servers by any of its interfaces.
  const directors = new Set(
    cluster.directors.flatMap((director) =>
      Object.values(lab.machines[director.name]?.interfaces ?? {}).map((plug) => plug.segment),
    ),
  );
  if (directors.size === 0) return [];
  return cluster.realServers.flatMap((server, index) => {
    const segment = segmentOf(server);
    if (methodOf(cluster, server) !== "dr" || segment === undefined || directors.has(segment)) return [];
    const rule = `an interface on the directors' segment ${[...directors].join(" or ")}, because direct routing does not cross routers`;
    const next = "Plug the machine in there, or name another interface.";
    return [
      problem("cluster", ["realServers", index, "interface"], rule, `${show(server.interface)} on ${segment}`, next),
    ];
  });
}

/** The interfaces of directors that get DIP and LIPs are there, and have an address of that network. */
function directorProblems(cluster: Cluster, lab: Lab | undefined): Problem[] {
  if (lab === undefined) return [];
  const wanted = [
    ...(cluster.dip === undefined
      ? []
      : [{ at: ["dip", "address"], cidr: cluster.dip.address, dev: cluster.dip.interface, what: "DIP" }]),
    ...(cluster.lips?.addresses ?? []).map((cidr, index) => ({
      at: ["lips", "addresses", index],
      cidr,
      dev: cluster.lips?.interface,
      what: "LIP",
    })),
  ];
  return wanted.flatMap(({ at, cidr, dev, what }) => {
    const network = parseCidr(cidr);
    if (network === undefined) return [];
    return cluster.directors.flatMap((director) => {
      const machine = lab.machines[director.name];
      const name = dev ?? director.interface;
      if (machine === undefined || director.connection !== undefined) return [];
      const addresses = (machine.interfaces[name]?.addresses ?? []).map(addressOf);
      if (addresses.some((address) => inNetwork(address, network))) return [];
      const rule = `a ${what} in a network that ${director.name} has an address of on ${name}`;
      const next = "Correct it, or give the lab machine an address there.";
      return [problem("cluster", at, rule, `${show(cidr)} beside ${addresses.join(", ") || "no address"}`, next)];
    });
  });
}

/** Under NAT a client in the real servers' own network gets their replies past the director, which it does not know. */
function natClientProblems(cluster: Cluster, lab: Lab | undefined): Problem[] {
  const network = cluster.dip && parseCidr(cluster.dip.address);
  const machine = cluster.verification && lab?.machines[cluster.verification.client];
  if (!network || !machine || cluster.verification?.connection !== undefined) return [];
  const own = Object.values(machine.interfaces)
    .flatMap(({ addresses }) => addresses.map(addressOf))
    .find((address) => inNetwork(address, network));
  if (own === undefined) return [];
  const rule = "a client outside the real servers' network, because their replies would not pass the director";
  const next = "Take another client, or fullnat, which serves such clients too.";
  const got = `${show(cluster.verification?.client)} with ${own} in ${networkOf(network)}`;
  return [problem("cluster", ["verification", "client"], rule, got, next)];
}

function hostProblems(
  at: Path,
  host: { name: string; address?: string | undefined; address6?: string | undefined; interface: string },
  lab: Lab | undefined,
): Problem[] {
  if (lab === undefined) {
    const next = "Add connection: {host, user, privateKey …}.";
    return [
      problem("cluster", [...at, "connection"], "a way to reach the host, since the stack has no lab", "nothing", next),
    ];
  }
  const machine = lab.machines[host.name];
  if (machine === undefined) {
    const rule = "a machine of the lab, or a host with a connection";
    return [problem("cluster", [...at, "name"], rule, show(host.name), suggest(host.name, Object.keys(lab.machines)))];
  }
  const plug = machine.interfaces[host.interface];
  if (plug === undefined) {
    const rule = `an interface of lab machine ${host.name}`;
    return [
      problem(
        "cluster",
        [...at, "interface"],
        rule,
        show(host.interface),
        suggest(host.interface, Object.keys(machine.interfaces)),
      ),
    ];
  }
  const addresses = plug.addresses.map(addressOf);
  return (["address", "address6"] as const).flatMap((field) => {
    const address = host[field];
    if (address === undefined || addresses.includes(address)) return [];
    const rule = `an address that lab machine ${host.name} has on ${host.interface}`;
    return [problem("cluster", [...at, field], rule, show(address), suggest(address, addresses))];
  });
}

/** A VIP is nobody's own address: the directors would take it away from the machine that has it. */
function vipProblems(cluster: Pick<Cluster, "vips"> & Parameters<typeof hostsOf>[0], lab: Lab | undefined): Problem[] {
  const owners = new Map(
    Object.entries(lab?.machines ?? {}).flatMap(([name, machine]) =>
      Object.values(machine.interfaces).flatMap((plug) =>
        plug.addresses.map((address) => [addressOf(address), name] as const),
      ),
    ),
  );
  return cluster.vips.flatMap((vip, index) => {
    const owner = owners.get(addressOf(vip.address));
    if (owner === undefined || hostsOf(cluster).some(({ host }) => host.address === addressOf(vip.address))) return [];
    const got = `${show(vip.address)}, which lab machine ${owner} has`;
    return [
      problem("cluster", ["vips", index, "address"], "an address that no lab machine has", got, "Choose another one."),
    ];
  });
}

function clientProblems(cluster: Pick<Cluster, "verification">, lab: Lab | undefined): Problem[] {
  const { verification } = cluster;
  if (verification === undefined || verification.connection !== undefined) return [];
  if (lab === undefined) {
    const next = "Add connection: {host, user, privateKey …}.";
    return [
      problem(
        "cluster",
        ["verification", "connection"],
        "a way to reach the client, since the stack has no lab",
        "nothing",
        next,
      ),
    ];
  }
  const known = Object.keys(lab.machines);
  if (known.includes(verification.client)) return [];
  const rule = "a machine of the lab, or a host with a connection";
  return [
    problem(
      "cluster",
      ["verification", "client"],
      rule,
      show(verification.client),
      suggest(verification.client, known),
    ),
  ];
}
