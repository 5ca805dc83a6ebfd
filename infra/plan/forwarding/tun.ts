import { addressOf, familyOf, type Cluster, type RealServer } from "../../spec/index.js";
import { clampRule, rulePackage } from "../firewall/words.js";
import { interfaceSysctl } from "../keys.js";
import { template, type HostPart, type Setting } from "../part.js";
import { hostVips, sortedVips } from "../vips.js";
import { arpSilence } from "./dr.js";
import type { Forwarding } from "./forwarding.js";

/** For each kind of tunnel the modules that unwrap it, the device on which the packet then arrives, and its bytes of header. */
const kinds = {
  ipip: { modules: ["ipip"], device: "tunl0", header: 20 },
  gre: { modules: ["ip_gre"], device: "gre0", header: 24 },
  gue: { modules: ["fou", "ipip"], device: "tunl0", header: 32 },
} as const;
/** An Ethernet frame's packet, without the headers of IPv4 and TCP. */
const SEGMENT = 1460;

const strictPath = "Packets come through the tunnel from clients to whom the way back is another one.";

/**
 * Tunnelling: the director wraps the packet for the real server, which may be behind routers, holds the VIP on the
 * tunnel's device and answers the client itself.
 */
export const tun: Forwarding = {
  // ip_vs wraps packets by itself: the director needs no tunnel device.
  director: () => ({}),
  realServer(cluster, server): HostPart {
    const { type, port } = cluster.tunnel;
    const { modules, device } = kinds[type];
    const relaxed: Record<string, Setting> = Object.fromEntries(
      ["all", server.interface, device].map((scope) => [
        interfaceSysctl(scope, "rp_filter"),
        { value: "0", why: strictPath },
      ]),
    );
    const six = cluster.vips.some(({ address }) => familyOf(address) === 6);
    return {
      packages: [rulePackage(cluster, server)],
      modules: six ? [...modules, "ip6_tunnel"] : modules,
      links: { [device]: { up: true }, ...(six && { ip6tnl0: { up: true } }) },
      sysctls: { ...arpSilence(server), ...relaxed },
      rules: clamps(cluster, server),
      addresses: hostVips(cluster, device),
      ...(type === "gue" && {
        files: { "/etc/systemd/system/lvs-tunnel.service": template("0644", { cluster: cluster.name, port }) },
        units: { "lvs-tunnel.service": { enabled: true, active: true } },
      }),
    };
  },
};

/** The client is told in the first answer to send segments that fit into the tunnel, or large requests stall. */
function clamps(cluster: Cluster, server: RealServer): string[] {
  const vips = [...new Set(cluster.services.filter(({ protocol }) => protocol === "tcp").map(({ vip }) => vip))];
  const known = sortedVips(cluster).map(({ address }) => addressOf(address));
  return known
    .filter((vip) => vips.includes(vip))
    .map((vip) => {
      // IPv6 has 20 bytes more of its own, and again around it.
      const usual = SEGMENT - kinds[cluster.tunnel.type].header - (familyOf(vip) === 6 ? 40 : 0);
      const mss = cluster.tunnel.mss ?? usual;
      return clampRule(cluster, server, vip, mss);
    });
}
