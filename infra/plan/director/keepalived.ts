import { familyOf, type Cluster, type Director, type Service, type Vrrp } from "../../spec/index.js";
import { template, type FileDraft } from "../part.js";
import { membersOf, methodOf, serviceCheck, sortedServices, type Member } from "../pool.js";
import { checkContext, trackFile } from "./checks.js";
import { instanceGroups } from "./instances.js";

/** keepalived's configuration, without the password, for which the file has a placeholder. */
export function keepalivedFile(cluster: Cluster, vrrp: Vrrp, director: Director): FileDraft {
  const groups = instanceGroups(cluster, director);
  const sync = vrrp.connectionSync;
  const checks = cluster.services.map((service) => serviceCheck(cluster, service));
  const scripts = [...vrrp.trackScripts].sort((a, b) => (a.name < b.name ? -1 : 1));
  const tracked = { interfaces: [...vrrp.trackInterfaces].sort(), scripts: scripts.map(({ name }) => name) };
  const routes = vrrp.virtualRoutes.map((route) => routeLine(route, director));
  return template("0640", {
    cluster: cluster.name,
    routerId: director.name,
    scriptSecurity: scripts.length > 0 || checks.some(({ type }) => type === "script"),
    garp: garpLines(vrrp),
    // Not every service is in IPv4, but the daemon tells of all connections.
    connectionSync: sync && {
      interface: sync.interface ?? director.interface,
      instance: groups[0]?.instances[0]?.name,
      syncid: sync.syncid ?? vrrp.virtualRouterId,
    },
    trackFiles: checks.some(({ type }) => type === "file")
      ? cluster.realServers.map(({ name }) => trackFile(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
      : [],
    scripts: scripts.map(({ path, arguments: words, timeout, ...script }) => ({
      ...script,
      command: [path, ...words].join(" "),
      timeout: timeout ?? script.interval,
    })),
    groups: groups
      .filter(({ instances }) => instances.length > 1)
      .map((group) => ({ ...group, tracked, weighted: scripts.some(({ weight }) => weight !== 0) })),
    instances: groups.flatMap(({ instances }, group) =>
      instances.map((instance, index) => ({
        ...instance,
        tracked: instances.length > 1 ? { interfaces: [], scripts: [] } : tracked,
        routes: group === 0 && index === 0 ? routes : [],
      })),
    ),
    services: sortedServices(cluster).map((service) => serviceContext(cluster, service)),
  });
}

function garpLines({ garp }: Vrrp): string[] {
  const words: [string, number | undefined][] = [
    ["vrrp_garp_master_delay", garp.masterDelay],
    ["vrrp_garp_master_repeat", garp.masterRepeat],
    ["vrrp_garp_master_refresh", garp.masterRefresh],
    ["vrrp_garp_master_refresh_repeat", garp.masterRefreshRepeat],
  ];
  return words.flatMap(([word, value]) => (value === undefined ? [] : [`${word} ${value}`]));
}

function routeLine(route: Vrrp["virtualRoutes"][number], director: Director): string {
  const src = route.src === undefined ? "" : `src ${route.src} `;
  const to = route.to === "default" ? (familyOf(route.via ?? "") === 6 ? "::/0" : "0.0.0.0/0") : route.to;
  const via = route.via === undefined ? "" : ` via ${route.via}`;
  const metric = route.metric === undefined ? "" : ` metric ${route.metric}`;
  return `${src}${to}${via} dev ${route.interface ?? director.interface}${metric}`;
}

function serviceContext(cluster: Cluster, service: Service) {
  const check = serviceCheck(cluster, service);
  const { sorryServer } = service;
  const usual = methodOf(cluster, {});
  return {
    head: service.mark === undefined ? `${service.vip} ${service.port ?? 0}` : `fwmark ${service.mark}`,
    // Else a mark would mean IPv4, whatever the real servers are.
    family: service.mark !== undefined && familyOf(service.vip) === 6 ? "inet6" : undefined,
    // A mark has said which packets; keepalived warns of a protocol beside it.
    protocol: service.mark === undefined && service.protocol.toUpperCase(),
    delayLoop: "delayLoop" in check ? check.delayLoop : undefined,
    // 0 is a value, which a template would take for none.
    hasWarmup: "warmup" in check && check.warmup !== undefined,
    warmup: "warmup" in check ? check.warmup : undefined,
    scheduler: service.scheduler,
    flags: [...service.schedulerFlags].sort(),
    onePacket: service.onePacket,
    method: methodWords(cluster, usual),
    persistence: service.persistence,
    alpha: service.alpha,
    inhibitOnFailure: service.inhibitOnFailure,
    quorum: service.quorum,
    hysteresis: service.hysteresis,
    sorryServer: sorryServer && {
      endpoint: `${sorryServer.address} ${sorryServer.port ?? service.port ?? 0}`,
      method: sorryServer.forwarding && methodWords(cluster, methodOf(cluster, sorryServer)),
    },
    realServers: membersOf(cluster, service).map((member) => ({
      address: member.address,
      port: member.port,
      weight: member.weight,
      method: member.forwarding === usual ? undefined : methodWords(cluster, member.forwarding),
      check: checkContext(check, member),
    })),
  };
}

/** keepalived's words for `lvs_method`. */
function methodWords({ tunnel: { type, port } }: Cluster, method: Member["forwarding"]): string {
  if (method !== "tun" || type === "ipip") return method.toUpperCase();
  return type === "gue" ? `TUN type gue port ${port} nocsum` : "TUN type gre nocsum";
}
