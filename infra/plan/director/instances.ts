import { familyOf, type Cluster, type Director } from "../../spec/index.js";
import { byPriority, priorityIn } from "../order.js";
import { floatingAddresses, type Floating } from "../vips.js";

/** A VRRP instance of keepalived.conf, as one director has it. */
export interface InstanceContext {
  name: string;
  state: "MASTER" | "BACKUP";
  interface: string;
  virtualRouterId: number;
  priority: number;
  advertInterval: number;
  /** VRRP version 3, which IPv6 needs, has no password. */
  authentication: boolean;
  nopreempt: boolean;
  preemptDelay: number | undefined;
  unicast: false | { source: string; peers: string[] };
  /** `six`: never the source of the director's own packets, such as checks: real servers have the VIP, too. */
  addresses: (Floating & { six?: boolean })[];
  /** Move along, and are not in the advertisements, which have room for 20 IPv4 addresses. */
  excluded: Floating[];
}

/** Instances that go together: what makes one director give one of them away takes the others along. */
export interface InstanceGroup {
  name: string;
  instances: InstanceContext[];
}

/**
 * One group for each instance of the spec: an instance for its IPv4 VIPs and one for its IPv6 VIPs, and the DIP on a
 * wire of its own as another, so that each wire is watched. With unicast the DIP stays with the VIPs, since peers
 * are known on their wire only.
 */
export function instanceGroups(cluster: Cluster, director: Director): InstanceGroup[] {
  const { vrrp } = cluster;
  if (vrrp === undefined) return [];
  const floating = floatingAddresses(cluster, director);
  const specs = [{ name: vrrp.instance, virtualRouterId: vrrp.virtualRouterId }, ...vrrp.instances];
  return specs.map((spec) => {
    const own = floating.filter((each) => each.instance === spec.name);
    const apart = own.filter((each) => each.kind === "dip" && each.dev !== director.interface && !vrrp.unicast);
    const advertised = own.filter((each) => each.kind !== "lip" && !apart.includes(each));
    const [four, six] = [4, 6].map((family) => advertised.filter(({ address }) => familyOf(address) === family));
    const excluded = own.filter((each) => each.kind === "lip");
    const make = (name: string, dev: string, addresses: Floating[], family: 4 | 6): InstanceContext => ({
      name,
      state: stateOf(cluster, director, spec.name),
      interface: dev,
      virtualRouterId: spec.virtualRouterId,
      priority: priorityIn(cluster, spec.name, director),
      advertInterval: vrrp.advertInterval,
      authentication: vrrp.authPass !== undefined && family === 4,
      nopreempt: vrrp.nopreempt,
      preemptDelay: vrrp.preemptDelay,
      unicast: vrrp.unicast && unicastOf(cluster, director, family),
      addresses: addresses.map((each) => (family === 6 && each.kind === "vip" ? { ...each, six: true } : each)),
      excluded: [],
    });
    const suffix = four!.length > 0 ? "_6" : "";
    const instances = [
      ...(four!.length > 0 ? [make(spec.name, director.interface, four!, 4)] : []),
      ...(six!.length > 0 ? [make(`${spec.name}${suffix}`, director.interface, six!, 6)] : []),
      ...apart.map((dip) => make(`${spec.name}_DIP`, dip.dev, [dip], familyOf(dip.address))),
    ];
    if (instances[0] !== undefined) instances[0].excluded = excluded;
    return { name: spec.name, instances };
  });
}

function unicastOf(cluster: Cluster, director: Director, family: 4 | 6) {
  const address = (host: Director) =>
    familyOf(host.address) === family ? host.address : (host.address6 ?? host.address);
  const peers = byPriority(cluster).filter(({ name }) => name !== director.name);
  return { source: address(director), peers: peers.map(address) };
}

/** Initial state: as written, else MASTER for the highest priority unless a delay or nopreempt must work from BACKUP. */
function stateOf(cluster: Cluster, director: Director, instance: string): "MASTER" | "BACKUP" {
  if (director.state !== undefined && instance === cluster.vrrp?.instance) return director.state;
  if (cluster.vrrp?.nopreempt || cluster.vrrp?.preemptDelay !== undefined) return "BACKUP";
  return byPriority(cluster, instance)[0]?.name === director.name ? "MASTER" : "BACKUP";
}
