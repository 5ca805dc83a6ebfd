import type { Cluster, Director, Service } from "../../spec/index.js";
import { forwardingOf } from "../forwarding/forwarding.js";
import { byPriority } from "../order.js";
import { template, type FileDraft } from "../part.js";
import { membersOf, sortedServices } from "../pool.js";
import { tableOf } from "../table.js";
import type { DirectorPlan } from "../types.js";
import { directorVips, sortedVips, vipInterface } from "../vips.js";

/** keepalived's configuration. */
export const keepalivedFile = "/etc/keepalived/keepalived.conf";

/** What a director serves. The password stands in `secrets` only; the file has a placeholder. */
export function directorPlan(cluster: Cluster, director: Director): DirectorPlan<FileDraft> {
  const { authPass } = cluster.vrrp;
  return {
    files: { [keepalivedFile]: template("0640", keepalivedContext(cluster, director)) },
    secrets: authPass === undefined ? {} : { auth_pass: authPass },
    table: tableOf(cluster),
    vips: directorVips(cluster, director),
  };
}

function keepalivedContext(cluster: Cluster, director: Director) {
  const { vrrp } = cluster;
  const peers = byPriority(cluster).filter(({ name }) => name !== director.name);
  return {
    cluster: cluster.name,
    routerId: director.name,
    instance: {
      name: vrrp.instance,
      state: stateOf(cluster, director),
      interface: director.interface,
      virtualRouterId: vrrp.virtualRouterId,
      priority: director.priority,
      advertInterval: vrrp.advertInterval,
      authentication: vrrp.authPass !== undefined,
      nopreempt: vrrp.nopreempt,
      preemptDelay: vrrp.preemptDelay,
      unicast: vrrp.unicast && { source: director.address, peers: peers.map(({ address }) => address) },
    },
    vips: sortedVips(cluster).map((vip) => ({
      address: vip.address,
      dev: vipInterface(vip, director),
      label: vip.label,
    })),
    services: sortedServices(cluster).map((service) => serviceContext(cluster, service)),
  };
}

/** Initial state: as written, else MASTER for the highest priority unless a delay or nopreempt must work from BACKUP. */
function stateOf(cluster: Cluster, director: Director): "MASTER" | "BACKUP" {
  if (director.state !== undefined) return director.state;
  if (cluster.vrrp.nopreempt || cluster.vrrp.preemptDelay !== undefined) return "BACKUP";
  return byPriority(cluster)[0]?.name === director.name ? "MASTER" : "BACKUP";
}

function serviceContext(cluster: Cluster, service: Service) {
  const { check } = service;
  return {
    vip: service.vip,
    port: service.port,
    protocol: service.protocol.toUpperCase(),
    delayLoop: check.delayLoop,
    scheduler: service.scheduler,
    flags: [...service.schedulerFlags].sort(),
    method: forwardingOf(cluster).lvsMethod,
    persistence: service.persistence && {
      timeout: service.persistence.timeout,
      granularity: service.persistence.granularity,
    },
    realServers: membersOf(cluster, service).map(({ address, port, weight }) => ({
      address,
      port,
      weight,
      check: {
        word: check.type === "http" ? "HTTP_GET" : "TCP_CHECK",
        url: check.type === "http" && { path: check.path, status: check.status, virtualHost: check.virtualHost },
        connectTimeout: check.connectTimeout,
        retry: check.retry,
        delayBeforeRetry: check.delayBeforeRetry,
      },
    })),
  };
}
