import type { Cluster, Proxy, Vrrp } from "../../spec/index.js";

/**
 * Seconds between two looks of keepalived at its proxy, and for an answer; looks until it counts as dead or alive again. One
 * answer may be late: a host that is busy with a reload must not lose its VIPs.
 */
export const look = { interval: 1, timeout: 1, fall: 2, rise: 3 } as const;

/** The program on a director that asks its proxy whether it lives. */
export const alivePath = "/usr/local/sbin/lvs-proxy-alive";

/**
 * The part of a cluster of proxies that keepalived knows: VIPs and who holds them. To it there is no virtual service; a
 * director whose proxy does not answer gives the VIPs away.
 */
export function vrrpCluster(proxy: Proxy): Cluster {
  const { name, vips, vrrp, routers, directors, drainTimeout, firewall, verification, networkBackend } = proxy;
  return {
    name,
    vips,
    vrrp: vrrp && tracking(vrrp, proxy.healthPort),
    routers,
    directors,
    drainTimeout,
    firewall,
    verification,
    networkBackend,
    realServers: [],
    services: [],
    forwarding: "nat",
    tunnel: { type: "ipip", port: 6080 },
    ipvs: {},
  };
}

function tracking(vrrp: Vrrp, healthPort: number): Vrrp {
  const alive = {
    name: "lvs_proxy",
    path: alivePath,
    arguments: [String(healthPort)],
    user: "nobody",
    weight: 0,
    ...look,
  };
  return { ...vrrp, trackScripts: [...vrrp.trackScripts, alive] };
}
