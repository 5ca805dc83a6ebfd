import { familyOf, type Cluster, type Director, type RealServer } from "../../spec/index.js";
import { instanceGroups } from "../director/instances.js";
import { sortedServices } from "../pool.js";
import { back, errors, pass, protocols, type Pass } from "./pass.js";
import { arrivals, parts, replies, requests } from "./services.js";

/** Where advertisements go without unicast (RFC 9568, 5.1.1.2 and 5.1.2.2). */
const vrrpGroups = { 4: "224.0.0.18", 6: "ff02::12" } as const;
/** Where the kernel tells of connections, unless told otherwise (ipvsadm(8), `--mcast-group`, `--mcast-port`). */
const syncGroup = { address: "224.0.0.81", port: 8848 } as const;

/** What passes on a director: requests, replies, checks, and what it says to the other directors. */
export function directorPasses(cluster: Cluster, director: Director): Pass[] {
  const all = parts(cluster);
  const addresses = [...new Set(all.map(({ member }) => member.address))];
  const unseen = cluster.forwarding === "fullnat" ? {} : { untracked: true as const };
  return [
    ...vrrpPasses(cluster, director),
    ...syncPasses(cluster, director),
    ...sortedServices(cluster).flatMap((service) => [
      { ...requests("input", service), ...unseen },
      ...errors("input", service.vip, { to: service.vip }),
    ]),
    ...all
      .filter(({ member }) => member.forwarding === "nat")
      .flatMap(({ service, member }) => [
        { ...replies(service, member), ...unseen },
        ...errors("forward", member.address, { from: member.address }),
      ]),
    // Under direct routing the packet leaves with the VIP as its destination still.
    ...all.filter(({ member }) => member.forwarding === "dr").map(({ service }) => requests("output", service)),
    ...addresses.flatMap(conversation),
  ];
}

/** This host asks a real server whatever it likes, and hears its answers. */
export function conversation(address: string): Pass[] {
  return [pass("output", address, { to: address }), pass("input", address, { from: address, answers: true })];
}

/** VRRP, in both directions; and in IPv6 the neighbours, without whom no address of it lives. */
export function vrrpPasses(cluster: Cluster, director: Director): Pass[] {
  const instances = instanceGroups(cluster, director).flatMap((group) => group.instances);
  const protocol = protocols.vrrp;
  const spoken = instances.flatMap(({ interface: dev, addresses, unicast }): Pass[] => {
    const family = familyOf(addresses[0]?.address ?? director.address);
    if (unicast !== false)
      return unicast.peers.flatMap((peer) => [
        pass("input", peer, { protocol, from: peer }),
        pass("output", peer, { protocol, to: peer }),
      ]);
    const to = vrrpGroups[family];
    return (["input", "output"] as const).map((hook) => ({ hook, family, protocol, dev, to }));
  });
  return [...spoken, ...(cluster.vips.some(({ address }) => familyOf(address) === 6) ? neighbours() : [])];
}

/** Who has which address of IPv6, asked and answered. */
export function neighbours(): Pass[] {
  return (["input", "output"] as const).flatMap((hook) =>
    (["neighbour-solicitation", "neighbour-advertisement"] as const).map((message): Pass => ({
      hook,
      family: 6,
      protocol: "icmp",
      message,
    })),
  );
}

function syncPasses({ vrrp }: Cluster, director: Director): Pass[] {
  const sync = vrrp?.connectionSync;
  if (sync === undefined) return [];
  const { address: to, port } = syncGroup;
  const dev = sync.interface ?? director.interface;
  return (["input", "output"] as const).map((hook) => ({
    hook,
    family: 4,
    protocol: "udp",
    dev,
    to,
    toPorts: [port],
  }));
}

/** What passes on a real server: requests in the form that its method gives them, checks, and the answers to both. */
export function realServerPasses(cluster: Cluster, server: RealServer): Pass[] {
  const come = parts(cluster)
    .filter(({ member }) => member.name === server.name)
    .flatMap(({ service, member }) => arrivals(cluster, service, member, server.interface));
  const spoken = come.filter(({ message, protocol }) => message === undefined && typeof protocol === "string");
  const six = come.some(({ family }) => family === 6);
  return [
    ...come,
    ...spoken.filter(({ dev }) => dev === undefined).map((each) => back(each, "output")),
    ...(six ? neighbours() : []),
  ];
}

/** What passes on a router: all of that on its way, and back. */
export function routerPasses(cluster: Cluster): Pass[] {
  const ways = [
    ...sortedServices(cluster).map((service): Pass => ({ ...requests("forward", service), untracked: true })),
    ...parts(cluster).flatMap(({ service, member }) => arrivals(cluster, service, member, "")),
  ].map(({ dev, ...way }): Pass => {
    void dev;
    return { ...way, hook: "forward" };
  });
  const answers = ways
    .filter(({ message }) => message === undefined || message === "echo-request")
    .map((way) => {
      const { message, ...answer } = back(way);
      return message === undefined ? answer : { ...answer, answers: true as const };
    });
  return [...ways, ...answers];
}
