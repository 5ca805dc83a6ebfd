import { addressOf, familyOf, type Cluster, type Director } from "../../spec/index.js";
import { interfaceSysctl } from "../keys.js";
import type { HostPart, Setting } from "../part.js";
import { deviceOf, floatingAddresses } from "../vips.js";
import type { Forwarding } from "./forwarding.js";

/** Packets of the family of `address`, IPv4 when left out, pass the director in both directions. */
export function forwards(address = ""): Record<string, Setting> {
  const key = familyOf(address) === 6 ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward";
  return { [key]: { value: "1", why: "Replies of real servers pass this host on their way to the client." } };
}

/** NAT: the director changes the destination, and the source of the reply, which comes back because the DIP is the gateway. */
export const nat: Forwarding = {
  director: (cluster, director) => ({ sysctls: { ...forwards(cluster.dip?.address), ...oneArm(cluster, director) } }),
  realServer(cluster, server): HostPart {
    const { dip } = cluster;
    if (dip === undefined) return {};
    const via = addressOf(dip.address);
    const key = familyOf(via) === 6 ? "default6" : "default";
    return { routes: { [key]: { via, dev: server.interface } } };
  },
};

/** VIP and DIP on one interface: the kernel would tell real servers of a shorter way to the client, past the director. */
function oneArm(cluster: Cluster, director: Director): Record<string, Setting> {
  const { dip } = cluster;
  if (dip === undefined) return {};
  const dev = deviceOf(dip, director);
  if (!floatingAddresses(cluster, director).some((each) => each.kind === "vip" && each.dev === dev)) return {};
  const why = "VIP and DIP are on one wire: real servers must not be told of a way past this director.";
  return Object.fromEntries(
    ["all", dev].map((scope) => [interfaceSysctl(scope, "send_redirects"), { value: "0", why }]),
  );
}
