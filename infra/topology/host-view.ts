import { membersOf } from "../plan/index.js";
import { addressOf, type HostSpec } from "../spec/index.js";
import { heldAddresses, type Facts } from "./hosts.js";
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
    const known =
      facts.lab !== undefined || tag !== undefined || facts.plan.hosts[host.name]?.addresses[`${dev} ${cidr}`];
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

/** Kinds of addresses that a director gets when another one dies. */
function takesOver(facts: Facts, name: string): string[] {
  if (!facts.cluster.directors.some((director) => director.name === name)) return [];
  const others = heldAddresses(facts).filter(({ holder }) => holder !== name);
  return [...new Set(others.map(({ kind }) => kind))].map((kind) => {
    const count = others.filter((each) => each.kind === kind).length;
    return count > 1 ? `${count} ${kind.toUpperCase()}s` : kind.toUpperCase();
  });
}

function remarkOf(facts: Facts, name: string): string | undefined {
  const { cluster, plan } = facts;
  const director = cluster.directors.find((each) => each.name === name);
  if (director !== undefined) {
    if (cluster.vrrp === undefined) return undefined;
    if (cluster.vrrp.nopreempt || cluster.vrrp.instances.length > 0) return `priority ${director.priority}`;
    return `${plan.verification.directors[0] === name ? "master" : "backup"} ${director.priority}`;
  }
  const server = cluster.realServers.find((each) => each.name === name);
  if (server === undefined) return undefined;
  if (server.drain) return "draining";
  const parts = cluster.services.flatMap((service) =>
    membersOf(cluster, service)
      .filter((member) => member.name === name)
      .map(({ weight, port }) => ({ weight, mapped: port === (service.port ?? 0) ? undefined : port })),
  );
  const weights = [...new Set(parts.map(({ weight }) => weight))].sort((a, b) => a - b);
  const ports = [...new Set(parts.flatMap(({ mapped }) => mapped ?? []))].sort((a, b) => a - b);
  const words = [
    ...(weights.length > 0 ? [`weight ${weights.join(", ")}`] : []),
    ...(ports.length > 0 ? [`port ${ports.join(", ")}`] : []),
  ];
  return words.join(", ") || undefined;
}
