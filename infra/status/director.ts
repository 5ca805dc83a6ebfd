import { partsOf } from "../linux/canonical.js";
import { isCheckOf } from "../linux/keepalived.js";
import { checked } from "../linux/keepalived-text.js";
import { nothing } from "../linux/traffic.js";
import type { DirectorSight } from "./look.js";
import type { DirectorStatus, RealServerStatus, ServiceStatus } from "./schema.js";
import type { KnownCluster, KnownDirector } from "./state.js";
import { proxyProblems, proxyStatus } from "./proxy.js";
import type { Seen } from "./vips.js";

/** What a director does: VRRP, and the kernel's table with what goes through it. */
export function directorStatus(cluster: KnownCluster, { known, sight }: Seen): DirectorStatus {
  const { daemon, traffic } = sight;
  return {
    host: known.name,
    daemon: known.daemon,
    running: daemon.alive,
    instances: Object.entries(daemon.instances).map(([instance, { state, priority, changed }]) => ({
      instance,
      state,
      priority,
      changed: changed === undefined ? null : new Date(changed * 1000).toISOString(),
    })),
    total: traffic.totals ?? null,
    services: Object.keys(sight.table)
      .sort()
      .map((service) => serviceStatus(cluster, known, sight, service)),
    ...(known.proxy && sight.proxy && { proxy: proxyStatus(known.proxy, sight.proxy) }),
  };
}

function serviceStatus(
  { names }: KnownCluster,
  known: KnownDirector,
  { table, traffic, daemon }: DirectorSight,
  service: string,
): ServiceStatus {
  const { realServers, scheduler, flags, persistenceTimeout, persistenceGranularity, onePacket } = table[service]!;
  const want = known.table[service];
  const flows = traffic.services[service];
  const { counted, rates } = flows ?? nothing();
  const checks = known.daemon === "keepalived" ? (checked(known.configuration)[service] ?? []) : [];
  const addresses = [...new Set([...Object.keys(want?.realServers ?? {}), ...Object.keys(realServers)])].sort();
  const roleOf = (address: string): RealServerStatus["role"] =>
    want?.realServers[address] ? "real server" : want?.sorryServer?.[address] ? "sorry server" : "stranger";
  return {
    service,
    scheduler,
    ...(flags && { flags }),
    ...(persistenceTimeout !== undefined && { persistenceTimeout }),
    ...(persistenceGranularity !== undefined && { persistenceGranularity }),
    ...(onePacket && { onePacket }),
    counted,
    rates,
    realServers: addresses.map((address) => {
      const entry = realServers[address];
      const flow = entry && flows?.realServers[address];
      return {
        address,
        name: names[partsOf(address).address] ?? null,
        role: roleOf(address),
        health: healthOf(daemon, checks, service, address, known),
        inTable: entry !== undefined,
        forwarding: entry?.forwarding ?? null,
        ...(entry?.tunnel !== undefined && { tunnel: entry.tunnel }),
        weight: entry?.weight ?? null,
        active: flow?.active ?? null,
        inactive: flow?.inactive ?? null,
        counted: flow?.counted ?? null,
        rates: flow?.rates ?? null,
      };
    }),
  };
}

function healthOf(
  daemon: DirectorSight["daemon"],
  checks: string[],
  service: string,
  address: string,
  known: KnownDirector,
): RealServerStatus["health"] {
  if (!daemon.alive) return "unknown";
  if (known.daemon !== "keepalived" || !checks.includes(address)) return "unchecked";
  if (daemon.fails(service, address)) return "down";
  return daemon.undecided.some((check) => isCheckOf(check, address, service)) ? "checking" : "up";
}

/** What is wrong on a director by itself. */
export function directorProblems({ host, running, instances, services, proxy }: DirectorStatus): string[] {
  const proxied = proxy ? proxyProblems(host, proxy) : [];
  if (!running) return [`${host}: keepalived does not run. Look at "journalctl -u keepalived" there.`, ...proxied];
  return [
    ...proxied,
    ...instances
      .filter(({ state }) => state !== "MASTER" && state !== "BACKUP")
      .map(({ instance, state }) => `${host}: the VRRP instance ${instance} is in ${state}.`),
    ...services.flatMap(({ service, realServers }) =>
      realServers.flatMap(({ address, name, role, health, inTable }) => {
        const who = `${host}: ${service} -> ${name === null ? address : `${name} (${address})`}`;
        if (health === "down") return [`${who}: its health check fails.`];
        if (role === "sorry server" && inTable)
          return [`${who}: the sorry server answers, since the pool has no quorum.`];
        return [];
      }),
    ),
  ];
}
