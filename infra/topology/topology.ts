import { draftCluster } from "../plan/index.js";
import { natural, type Cluster, type HostSpec } from "../spec/index.js";
import { waysOf } from "./group-ways.js";
import { hostView } from "./host-view.js";
import { anyClient, clientNames, methodName, netHost, type Facts, type MethodName } from "./hosts.js";
import { segmentsOf, wordsOf } from "./legend.js";
import type { Column, Group, HostView, Topology, Way } from "./model.js";
import { Network } from "./network.js";
import { servicesOf } from "./services.js";
import type { StackFile } from "./stack-file.js";
import { methods } from "./ways.js";

/** What a stack file describes, as a picture has to show it. Asks no host; the same file gives the same topology. */
export function topologyOf(stack: string, { cluster, lab }: StackFile): Topology {
  const facts: Facts = { cluster, lab, plan: draftCluster(cluster) };
  const { routers, directors, realServers } = cluster;
  const specs = new Map<string, HostSpec>([...routers, ...directors, ...realServers].map((spec) => [spec.name, spec]));
  const clients = clientNames(facts);
  const hosts = [...clients, ...specs.keys()].map((name) =>
    lab?.machines[name] === undefined && !specs.has(name) ? anyClient(name) : netHost(facts, name, specs.get(name)),
  );
  const network = new Network(hosts, lab);
  const byName = new Map(hosts.map((host) => [host.name, host]));
  const view = (name: string) => hostView(facts, network, byName.get(name)!, specs.get(name));
  const used = [...new Set(realServers.map((server) => methodName(cluster, server)))].sort();
  const ordered = facts.plan.verification.directors;
  const columns: Column[] = [
    { title: "clients", groups: groupsOf("clients", clients.map(view)) },
    { title: "routers", groups: groupsOf("router", routers.map(({ name }) => view(name)).sort(byHostName)) },
    {
      title: "directors",
      groups: [
        {
          id: "directors",
          title: ordered.length > 1 ? "directors" : "director",
          hosts: ordered.map(view),
          ...bond(cluster),
        },
      ],
    },
    {
      title: "real servers",
      groups: used.flatMap((method) =>
        groupsOf(
          used.length > 1 ? `real servers, ${method}` : "real servers",
          cluster.realServers
            .filter((server) => methodName(cluster, server) === method)
            .map(({ name }) => view(name))
            .sort(byHostName),
        ),
      ),
    },
  ].filter(({ groups }) => groups.length > 0);
  const { ways, notes } = waysOf(facts, network, byName, columns, clients);
  for (const { groups } of columns) groups.sort((a, b) => firstStep(ways, a) - firstStep(ways, b));
  return {
    title: stack,
    subtitle: [...used.map((method) => titleOf(cluster, method)), cluster.vrrp ? "keepalived" : "ipvsadm alone"].join(
      ", ",
    ),
    columns,
    ways,
    segments: segmentsOf(facts),
    services: servicesOf(facts.cluster, facts.plan.verification.table),
    words: wordsOf(facts, ways),
    notes,
  };
}

/** Groups of a column stand in the order in which packets come to them. */
function firstStep(ways: readonly Way[], { id }: Group): number {
  return ways.find(({ from, to }) => from.group === id || to.group === id)?.step ?? ways.length;
}

function titleOf({ tunnel }: Cluster, method: MethodName): string {
  return method === "tun" ? `${methods.tun.title} (${tunnel.type})` : methods[method].title;
}

function byHostName(a: HostView, b: HostView): number {
  return natural(a.name, b.name);
}

/** Hosts of a role; those on the same wires are one group. */
function groupsOf(title: string, hosts: HostView[]): Group[] {
  const wires = (host: HostView) =>
    [...new Set(host.plugs.flatMap(({ segment }) => segment ?? []))].sort(natural).join("+");
  return [...new Set(hosts.map(wires))].map((wire) => ({
    id: wire === "" ? title : `${title} ${wire}`,
    title,
    hosts: hosts.filter((host) => wires(host) === wire),
  }));
}

function bond({ vrrp, directors }: Cluster): { bond?: string } {
  if (vrrp === undefined || directors.length < 2) return {};
  const ids = [vrrp, ...vrrp.instances].map(({ virtualRouterId }) => virtualRouterId).sort((a, b) => a - b);
  const { unicast, advertInterval, nopreempt, connectionSync } = vrrp;
  const words = [
    `VRRP ${ids.join(", ")}`,
    `${advertInterval} s`,
    ...(unicast ? ["unicast"] : []),
    ...(nopreempt ? ["nopreempt"] : []),
    ...(connectionSync ? ["sync"] : []),
  ];
  return { bond: words.join(", ") };
}
