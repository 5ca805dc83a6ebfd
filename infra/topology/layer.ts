import {
  draftCluster,
  draftProxy,
  membersOf,
  serviceKeyOf,
  vrrpCluster,
  type ClusterPlan,
  type FileDraft,
} from "../plan/index.js";
import { natural, type Cluster, type HostSpec, type Layer, type Proxy } from "../spec/index.js";
import { servicesOf } from "./services.js";
import { methods, type MethodName } from "./ways.js";

/** A real server as a service has it. */
export interface Served {
  name: string;
  address: string;
  method: MethodName;
  /** Undefined where it has none of its own. */
  weight?: number | undefined;
  /** Its port where it is another one than the service's. */
  mapped?: number | undefined;
}

/** A layer of a stack, whatever spreads its requests. */
export interface LayerFacts {
  name: string;
  /** The layer whose directors are the real servers of this one. */
  behind?: string | undefined;
  /** What the directors share; of proxies what keepalived knows of them. */
  cluster: Cluster;
  /** What the directors are called, and how they do it. */
  title: string;
  how: string[];
  realServers: (HostSpec & { drain: boolean; method: MethodName })[];
  plan: ClusterPlan<FileDraft>;
  /** For each service its VIP, none where every address of the directors is asked, and who answers. */
  exchanges: { vip: string | undefined; members: Served[] }[];
  services: string[];
}

/** What a picture needs to know of a layer. */
export function layerFacts(layer: Layer): LayerFacts {
  return {
    name: layer.name,
    behind: layer.behind,
    ...("cluster" in layer ? lvs(layer.cluster) : proxies(layer.proxy)),
  };
}

type Facts = Omit<LayerFacts, "name" | "behind">;

function lvs(cluster: Cluster): Facts {
  const methodOf = (name: string): MethodName =>
    cluster.realServers.find((server) => server.name === name)?.forwarding ?? cluster.forwarding;
  const plan = draftCluster(cluster);
  const realServers = cluster.realServers.map((server) => ({ ...server, method: methodOf(server.name) }));
  const used = [...new Set(realServers.map(({ method }) => method))].sort();
  const titles = used.map((method) =>
    method === "tun" ? `${methods.tun.title} (${cluster.tunnel.type})` : methods[method].title,
  );
  return {
    cluster,
    title: "directors",
    how: [...titles, cluster.vrrp ? "keepalived" : "ipvsadm alone"],
    realServers,
    plan,
    exchanges: cluster.services.map((service) => ({
      vip: service.vip,
      members: membersOf(cluster, service).map(({ name, address, weight, port }) => ({
        name,
        address,
        weight,
        method: methodOf(name),
        mapped: port === (service.port ?? 0) ? undefined : port,
      })),
    })),
    services: servicesOf(cluster, plan.verification.table),
  };
}

function proxies(proxy: Proxy): Facts {
  const pool = new Map(proxy.realServers.map((server) => [server.name, server]));
  return {
    cluster: vrrpCluster(proxy),
    title: `${proxy.vips.length > 0 ? "directors" : "proxies"}, ${proxy.engine}`,
    how: [proxy.engine, ...(proxy.vrrp ? ["keepalived"] : [])],
    realServers: proxy.realServers.map((server) => ({ ...server, method: "proxy" as const })),
    plan: draftProxy(proxy),
    exchanges: proxy.services.map(({ vip, port: own, realServers, rules }) => {
      const named = [
        realServers ?? [...pool.values()],
        ...rules.flatMap((rule) => (rule.realServers ? [rule.realServers] : [])),
      ];
      return {
        vip,
        members: named.flat().flatMap(({ name, weight, ...part }): Served[] => {
          const server = pool.get(name);
          if (server === undefined || server.drain) return [];
          const port = "port" in part ? part.port : undefined;
          const mapped = port === own ? undefined : port;
          return [{ name, address: server.address, method: "proxy", weight: weight ?? server.weight, mapped }];
        }),
      };
    }),
    services: proxy.services
      .map((service) => {
        const { mode, scheduler, tls, proxyProtocol } = service;
        return [
          serviceKeyOf(service),
          mode,
          scheduler,
          ...(tls ? ["TLS"] : []),
          ...(proxyProtocol.send ? [`PROXY ${proxyProtocol.send}`] : []),
        ].join(" ");
      })
      .sort(natural),
  };
}
