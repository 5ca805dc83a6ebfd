import type { RealServer } from "../../spec/index.js";
import { interfaceSysctl } from "../keys.js";
import type { Setting } from "../part.js";
import { hostVips } from "../vips.js";
import type { Forwarding } from "./forwarding.js";

const silence =
  "The VIP on lo must not be answered by ARP: only the director does. The kernel takes the larger of all and interface.";
const source =
  "ARP requests must not carry the VIP as their source, or neighbours learn this host's MAC address for it.";

/** A real server that has the VIP says nothing about it on the wire. */
export function arpSilence({ interface: name }: RealServer): Record<string, Setting> {
  return Object.fromEntries(
    ["all", name].flatMap((scope) => [
      [interfaceSysctl(scope, "arp_ignore"), { value: "1", why: silence }],
      [interfaceSysctl(scope, "arp_announce"), { value: "2", why: source }],
    ]),
  );
}

/** Direct routing: the director changes the MAC address only, each real server holds the VIP and answers the client itself. */
export const dr: Forwarding = {
  // No ip_forward: ip_vs sends the packet to the real server itself, past the routing code that the switch stops.
  director: () => ({}),
  realServer: (cluster, server) => ({ sysctls: arpSilence(server), addresses: hostVips(cluster, "lo") }),
};
