import { familyOf, type Check, type Cluster, type Service } from "../../spec/index.js";
import { membersOf, serviceCheck, sortedServices, type Member } from "../pool.js";
import { back, errors, pass, protocols, type Pass } from "./pass.js";

/** A real server in one service; one that drains has connections still. */
export function members(cluster: Cluster, service: Service): Member[] {
  const all = { ...cluster, realServers: cluster.realServers.map((server) => ({ ...server, drain: false })) };
  const { sorryServer } = service;
  const sorry: Member[] =
    sorryServer === undefined
      ? []
      : [
          {
            name: "",
            address: sorryServer.address,
            port: sorryServer.port ?? service.port ?? 0,
            weight: 1,
            forwarding: methodWord(sorryServer.forwarding ?? cluster.forwarding),
          },
        ];
  return [...membersOf(all, service), ...sorry];
}

function methodWord(method: Cluster["forwarding"]): Member["forwarding"] {
  return method === "fullnat" ? "nat" : method;
}

/** The ports of a service as clients ask for it; none where it has all of them. */
function portsOf({ port, ports }: Service): readonly number[] | undefined {
  return ports ?? (port === undefined || port === 0 ? undefined : [port]);
}

/** The ports of a service on a real server. */
function memberPorts(service: Service, { port }: Member): readonly number[] | undefined {
  return port === 0 ? portsOf(service) : [port];
}

const toPorts = (ports: readonly number[] | undefined) => (ports === undefined ? {} : { toPorts: ports });

/** Requests for a service, with the VIP as their destination. */
export function requests(hook: Pass["hook"], service: Service): Pass {
  return pass(hook, service.vip, { protocol: service.protocol, to: service.vip, ...toPorts(portsOf(service)) });
}

/** Requests for a service as they come to a real server under NAT and FULLNAT. */
function changedRequests(hook: Pass["hook"], service: Service, member: Member): Pass {
  const ports = toPorts(memberPorts(service, member));
  return pass(hook, member.address, { protocol: service.protocol, to: member.address, ...ports });
}

/** What comes back from a real server under NAT and FULLNAT, before the director puts the VIP into it. */
export function replies(service: Service, member: Member): Pass {
  return back(changedRequests("forward", service, member));
}

/** What comes to the real server of a member: requests in the form that the method gives them, and checks. */
export function arrivals(cluster: Cluster, service: Service, member: Member, dev: string): Pass[] {
  const { address, forwarding } = member;
  return [
    ...(forwarding === "nat" ? [changedRequests("input", service, member)] : []),
    ...(forwarding === "tun" ? [wrapped(cluster, service, address, dev)] : []),
    // Unwrapped, the packet comes in a second time.
    ...(forwarding === "nat" ? [] : [requests("input", service), ...errors("input", service.vip, { to: service.vip })]),
    ...checks(serviceCheck(cluster, service), service, member),
  ];
}

/** A tunnel's packets; the source is the director's address on whichever way leads here. */
function wrapped({ tunnel }: Cluster, service: Service, address: string, dev: string): Pass {
  const inner = familyOf(service.vip) === 6 ? protocols.ipv6 : protocols.ipip;
  if (tunnel.type === "gue")
    return pass("input", address, { protocol: "udp", dev, to: address, toPorts: [tunnel.port] });
  return pass("input", address, { protocol: tunnel.type === "gre" ? protocols.gre : inner, dev, to: address });
}

/** What a check sends to a real server's own address; a script's ways are known to who wrote it. */
export function checks(check: Check, service: { port?: number | undefined }, member: Member): Pass[] {
  const { address } = member;
  switch (check.type) {
    case "none":
    case "file":
    case "script":
      return [];
    case "icmp":
      return [pass("input", address, { protocol: "icmp", message: "echo-request", to: address })];
    default: {
      const usual = member.port === 0 ? service.port : member.port;
      const port = check.port ?? usual ?? 0;
      const protocol = check.type === "udp" || check.type === "dns" ? "udp" : "tcp";
      return [pass("input", address, { protocol, to: address, ...(port !== 0 && { toPorts: [port] }) })];
    }
  }
}

/** Every service with each of its real servers. */
export function parts(cluster: Cluster): { service: Service; member: Member }[] {
  return sortedServices(cluster).flatMap((service) => members(cluster, service).map((member) => ({ service, member })));
}
