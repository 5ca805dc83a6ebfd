import { natural, type Cluster } from "../spec/index.js";
import { waysOf } from "./group-ways.js";
import { hostView } from "./host-view.js";
import { anyClient, clientNames, netHost, specsOf, type Facts } from "./hosts.js";
import { layerFacts, type LayerFacts } from "./layer.js";
import { segmentsOf, wordsOf } from "./legend.js";
import type { Column, Group, HostView, Topology, Way } from "./model.js";
import { Network } from "./network.js";
import type { StackFile } from "./stack-file.js";

/** What a stack file describes, as a picture has to show it. Asks no host; the same file gives the same topology. */
export function topologyOf(stack: string, { layers, lab }: StackFile): Topology {
  const facts: Facts = { layers: layers.map(layerFacts), lab };
  const specs = specsOf(facts);
  const clients = clientNames(facts);
  const hosts = [...clients, ...specs.keys()].map((name) =>
    lab?.machines[name] === undefined && !specs.has(name) ? anyClient(name) : netHost(facts, name, specs.get(name)),
  );
  const network = new Network(hosts, lab);
  const byName = new Map(hosts.map((host) => [host.name, host]));
  const view = (name: string) => hostView(facts, network, byName.get(name)!, specs.get(name));
  const routers = [...new Set(facts.layers.flatMap(({ cluster }) => cluster.routers.map(({ name }) => name)))];
  const columns: Column[] = [
    { title: "clients", groups: groupsOf("clients", clients.map(view)) },
    { title: "routers", groups: groupsOf("router", routers.map(view).sort(byHostName)) },
    ...facts.layers.flatMap((layer) => [
      { title: layer.title, groups: [directorGroup(layer, view)] },
      // Directors of the layer behind stand in a column of their own.
      ...(layer.behind === undefined ? [{ title: "real servers", groups: serverGroups(layer, view) }] : []),
    ]),
  ].filter(({ groups }) => groups.length > 0);
  const { ways, notes } = waysOf(facts, network, byName, columns, clients);
  for (const { groups } of columns) groups.sort((a, b) => firstStep(ways, a) - firstStep(ways, b));
  return {
    title: stack,
    subtitle: [...new Set(facts.layers.flatMap(({ how }) => how))].join(", "),
    columns,
    ways,
    segments: segmentsOf(facts),
    services: facts.layers.flatMap(({ services }) => services),
    words: wordsOf(facts, ways),
    notes,
  };
}

function directorGroup({ name, title, cluster, plan }: LayerFacts, view: (name: string) => HostView): Group {
  const ordered = plan.verification.directors;
  return {
    id: `directors of ${name}`,
    title: ordered.length > 1 ? title : title.replace("directors", "director").replace("proxies", "proxy"),
    hosts: ordered.map(view),
    ...bond(cluster),
  };
}

function serverGroups({ realServers }: LayerFacts, view: (name: string) => HostView): Group[] {
  const used = [...new Set(realServers.map(({ method }) => method))].sort();
  return used.flatMap((method) => {
    const names = realServers.filter((server) => server.method === method).map(({ name }) => name);
    const title = used.length > 1 ? `real servers, ${method}` : "real servers";
    return groupsOf(title, names.map(view).sort(byHostName));
  });
}

/** Groups of a column stand in the order in which packets come to them. */
function firstStep(ways: readonly Way[], { id }: Group): number {
  return ways.find(({ from, to }) => from.group === id || to.group === id)?.step ?? ways.length;
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
