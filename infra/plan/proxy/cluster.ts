import type { Proxy } from "../../spec/index.js";
import { vrrpPart } from "../director/host.js";
import { directorPlan } from "../director/serving.js";
import { firewallPart } from "../firewall/part.js";
import { proxiedPasses, proxyPasses, proxyRouterPasses } from "../firewall/proxies.js";
import { hostPlan } from "../host.js";
import { sorted } from "../keys.js";
import { template, type FileDraft, type HostPart } from "../part.js";
import { routerPlan } from "../router.js";
import type { ClusterPlan } from "../types.js";
import { alivePath, vrrpCluster } from "./directors.js";
import { servingPlan } from "./serving.js";
import { proxyVerification } from "./verification.js";

/** The desired state of every host of a cluster of proxies, with files still as templates. Pure; the order of lists does not matter. */
export function draftProxy(proxy: Proxy): ClusterPlan<FileDraft> {
  const cluster = vrrpCluster(proxy);
  const directors = proxy.directors.map(
    (director) =>
      [
        director.name,
        hostPlan(
          proxy,
          director,
          [
            vrrpPart(cluster, director),
            proxyPart(proxy),
            firewallPart(proxy, director, () => proxyPasses(proxy, cluster, director), "-proxy"),
          ],
          "-proxy",
        ),
      ] as const,
  );
  // Real servers need nothing: only what the user wants on them besides.
  const realServers = proxy.realServers.map(
    (server) => [server.name, hostPlan(proxy, server, [proxiedPart(proxy, server)])] as const,
  );
  const routers = proxy.routers.map(
    (router) => [router.name, routerPlan(cluster, router, () => proxyRouterPasses(proxy, cluster))] as const,
  );
  return {
    hosts: sorted([...directors, ...routers, ...realServers]),
    directors: proxy.vrrp
      ? sorted(proxy.directors.map((director) => [director.name, directorPlan(cluster, director)]))
      : {},
    proxies: sorted(proxy.directors.map(({ name }) => [name, servingPlan(proxy)])),
    verification: proxyVerification(proxy, cluster),
  };
}

/** Nothing is set up on a real server of proxies because of the cluster alone: so its firewall is what it says itself. */
function proxiedPart({ name, ...proxy }: Proxy, server: Proxy["realServers"][number]): HostPart {
  return firewallPart({ name }, server, () => proxiedPasses({ name, ...proxy }, server));
}

/** What a proxy needs of its host where it serves on VIPs. */
function proxyPart(proxy: Proxy): HostPart {
  if (proxy.vrrp === undefined) return {};
  const why = "The proxy listens on the VIPs while another director has them.";
  return {
    sysctls: Object.fromEntries(
      [
        "net.ipv4.ip_nonlocal_bind",
        ...(proxy.vips.some(({ address }) => address.includes(":")) ? ["net.ipv6.ip_nonlocal_bind"] : []),
      ].map((key) => [key, { value: "1", why }]),
    ),
    files: { [alivePath]: template("0755", { cluster: proxy.name }) },
  };
}
