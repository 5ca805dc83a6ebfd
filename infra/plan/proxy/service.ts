import { natural, widthOf, type Check, type Proxy, type ProxyService, type RequestRule } from "../../spec/index.js";
import { endpoint } from "../keys.js";
import type { ProxiedService, ProxyPool } from "../types.js";

/** A real server as a proxy has it in one pool. */
export interface ProxyServer {
  name: string;
  endpoint: string;
  /** 0 for one that takes no new connections; undefined where the scheduler knows no weights. */
  weight: number | undefined;
}

/** The real servers that answer requests of one kind. */
export interface Pool {
  /** Name in the proxy's configuration. */
  name: string;
  servers: ProxyServer[];
  sorry: string | undefined;
}

/** A rule of a service in the order of the stack file, counted from 1. */
export interface NumberedRule {
  number: number;
  rule: RequestRule;
  /** Who answers; none for a redirect. */
  pool: Pool | undefined;
}

/** A service with all that both proxies need to know of it. */
export interface ServiceView {
  spec: ProxyService;
  /** `tcp 192.0.2.1:80`, or `tcp *:80` on every address. */
  key: string;
  /** A word made of it, for names. */
  id: string;
  /** Where it listens. */
  listen: string[];
  check: Check;
  pool: Pool;
  rules: NumberedRule[];
}

/** The services ordered by VIP and port. */
export function serviceViews(proxy: Proxy): ServiceView[] {
  return [...proxy.services]
    .sort((a, b) => natural(a.vip ?? "", b.vip ?? "") || a.port - b.port)
    .map((spec) => {
      const id = `lvs_${(spec.vip ?? "any").replaceAll(/[^A-Za-z0-9]/g, "_")}_${spec.port}`;
      const pool = (name: string, members: ProxyService["realServers"]) => poolOf(proxy, spec, name, members);
      return {
        spec,
        id,
        key: serviceKeyOf(spec),
        listen: listenOf(proxy, spec),
        check: spec.check ?? tcp,
        pool: pool(id, spec.realServers),
        rules: spec.rules.map((rule, index) => ({
          number: index + 1,
          rule,
          pool: rule.realServers && pool(`${id}_rule${index + 1}`, rule.realServers),
        })),
      };
    });
}

const tcp: Check = { type: "tcp", delayLoop: 6, retry: 3, delayBeforeRetry: 3, connectTimeout: 3 };

/** The key of a proxy's service, as {@link serviceViews} has it. */
export function serviceKeyOf({ vip, port }: ProxyService): string {
  return vip === undefined ? `tcp *:${port}` : `tcp ${endpoint(vip, port)}`;
}

/** On its VIP, or else on every address of the families that the directors have. */
function listenOf({ directors }: Proxy, { vip, port }: ProxyService): string[] {
  if (vip !== undefined) return [endpoint(vip, port)];
  const own = directors.flatMap(({ address, address6 }) => [address, ...(address6 === undefined ? [] : [address6])]);
  const widths = [...new Set(own.map(widthOf))].sort((a, b) => a - b);
  return widths.map((width) => (width === 32 ? `0.0.0.0:${port}` : `[::]:${port}`));
}

/** Weighted or not, by the scheduler; those that drain are out, since their connections go on in the old process. */
function poolOf(proxy: Proxy, service: ProxyService, name: string, members: ProxyService["realServers"]): Pool {
  const known = new Map(proxy.realServers.map((server) => [server.name, server]));
  const parts =
    members ?? proxy.realServers.map((server) => ({ name: server.name, weight: undefined, port: undefined }));
  const weighs = !["rr", "lc"].includes(service.scheduler);
  const servers = parts.flatMap((part) => {
    const server = known.get(part.name);
    if (server === undefined || server.drain) return [];
    const weight = part.weight ?? server.weight;
    return [
      {
        name: server.name,
        endpoint: endpoint(server.address, part.port ?? service.port),
        weight: weighs || weight === 0 ? weight : undefined,
      },
    ];
  });
  const { sorryServer } = service;
  return {
    name,
    servers: servers.sort((a, b) => natural(a.endpoint, b.endpoint)),
    sorry: sorryServer && endpoint(sorryServer.address, sorryServer.port ?? service.port),
  };
}

/** Every pool of a service, its own first. */
export function poolsOf({ pool, rules }: ServiceView): Pool[] {
  return [pool, ...rules.flatMap((rule) => rule.pool ?? [])];
}

/** The services in few words, by their keys. */
export function proxiedServices(views: readonly ServiceView[]): Record<string, ProxiedService> {
  const pooled = ({ name, servers, sorry }: Pool): ProxyPool => ({
    name,
    realServers: Object.fromEntries(
      // A scheduler without weights takes all alike, which both proxies call 1.
      servers.map(({ name: server, endpoint: at, weight = 1 }) => [server, { endpoint: at, weight }]),
    ),
    ...(sorry !== undefined && { sorryServer: sorry }),
  });
  return Object.fromEntries(
    views.map(({ key, spec, listen, check, pool, rules }) => [
      key,
      {
        mode: spec.mode,
        scheduler: spec.scheduler,
        listen,
        checked: check.type !== "none",
        pool: pooled(pool),
        rules: Object.fromEntries(rules.flatMap((rule) => (rule.pool ? [[rule.number, pooled(rule.pool)]] : []))),
      },
    ]),
  );
}

/** Where the certificate of a service stands on a director; its key beside it, where both proxies find it. */
export function certificatePath({ id }: { id: string }): string {
  return `/etc/pulumi-lvs/tls/${id}.pem`;
}

/** The secret by which a service's private key goes to the host. */
export function keySecret({ vip, port }: { vip?: string | undefined; port: number }): string {
  return `tls_${(vip ?? "any").replaceAll(/[^A-Za-z0-9]/g, "_")}_${port}`;
}
