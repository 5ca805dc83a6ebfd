import { addressOf, type HostSpec } from "../spec/index.js";
import { heldAddresses, heldIn, type Facts } from "./hosts.js";
import type { LayerFacts } from "./layer.js";
import type { HostView, Plug } from "./model.js";
import type { NetHost, Network } from "./network.js";

/** A host as it is drawn; `spec` is left out for clients. */
export function hostView(facts: Facts, network: Network, host: NetHost, spec: HostSpec | undefined): HostView {
  const held = heldAddresses(facts);
  const tags = new Map(held.map(({ address, kind }) => [addressOf(address), kind.toUpperCase() as "VIP"]));
  const plugs = new Map<string, Plug>();
  for (const { dev, cidr } of host.addresses) {
    if (dev === "") continue;
    const segment = network.segmentOf(host.name, dev);
    const plug = plugs.get(dev) ?? { name: dev, ...(segment !== undefined && { segment }), addresses: [] };
    const tag = tags.get(addressOf(cidr));
    const known = facts.lab !== undefined || tag !== undefined || planned(facts, host.name, `${dev} ${cidr}`);
    plug.addresses.push({ ...(tag && { tag }), text: known ? cidr : addressOf(cidr) });
    plugs.set(dev, plug);
  }
  const takes = takesOver(facts, host.name);
  const remark = spec && remarkOf(facts, spec.name);
  return {
    name: host.name,
    ...(remark && { remark }),
    plugs: [...plugs.values()],
    lines: [...gateways(host, tags), ...(takes.length > 0 ? [`takes over ${takes.join(", ")}`] : [])],
  };
}

function gateways({ routes }: NetHost, tags: ReadonlyMap<string, string>): string[] {
  const vias = routes.flatMap(({ to, via }) => (to === "default" && via !== undefined ? [via] : []));
  return [...new Set(vias)].map((via) => ["gateway", ...(tags.has(via) ? [tags.get(via)] : []), via].join(" "));
}

function planned({ layers }: Facts, name: string, key: string): boolean {
  return layers.some(({ plan }) => plan.hosts[name]?.addresses[key] !== undefined);
}

/** Kinds of addresses that a director gets when another one dies. */
function takesOver({ layers }: Facts, name: string): string[] {
  const layer = layers.find(({ cluster }) => cluster.directors.some((director) => director.name === name));
  const others = (layer ? heldIn(layer) : []).filter(({ holder }) => holder !== name);
  return [...new Set(others.map(({ kind }) => kind))].map((kind) => {
    const count = others.filter((each) => each.kind === kind).length;
    return count > 1 ? `${count} ${kind.toUpperCase()}s` : kind.toUpperCase();
  });
}

function remarkOf({ layers }: Facts, name: string): string | undefined {
  const remarks = layers.flatMap((layer) => [directorRemark(layer, name), serverRemark(layer, name)]);
  return remarks.filter((remark) => remark !== undefined).join(", ") || undefined;
}

function directorRemark({ cluster, plan }: LayerFacts, name: string): string | undefined {
  const director = cluster.directors.find((each) => each.name === name);
  if (director === undefined || cluster.vrrp === undefined) return undefined;
  if (cluster.vrrp.nopreempt || cluster.vrrp.instances.length > 0) return `priority ${director.priority}`;
  return `${plan.verification.directors[0] === name ? "master" : "backup"} ${director.priority}`;
}

function serverRemark({ realServers, exchanges }: LayerFacts, name: string): string | undefined {
  const server = realServers.find((each) => each.name === name);
  if (server === undefined) return undefined;
  if (server.drain) return "draining";
  const parts = exchanges.flatMap(({ members }) => members.filter((member) => member.name === name));
  const weights = [...new Set(parts.flatMap(({ weight }) => weight ?? []))].sort((a, b) => a - b);
  const ports = [...new Set(parts.flatMap(({ mapped }) => mapped ?? []))].sort((a, b) => a - b);
  const words = [
    ...(weights.length > 0 ? [`weight ${weights.join(", ")}`] : []),
    ...(ports.length > 0 ? [`port ${ports.join(", ")}`] : []),
  ];
  return words.join(", ") || undefined;
}
