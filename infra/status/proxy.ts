import type { ProxiedService, ProxyPool } from "../plan/types.js";
import type { Proxies, ProxySight } from "../provider/proxy/sight.js";
import type { ProxyServerStatus, ProxyServiceStatus, ProxyStatus } from "./schema.js";

/** What a director's proxy does. */
export function proxyStatus({ engine, services }: Proxies, sight: ProxySight): ProxyStatus {
  return {
    engine,
    running: sight.alive,
    services: Object.entries(services).map(([service, proxied]) => serviceStatus(service, proxied, sight)),
  };
}

function serviceStatus(service: string, proxied: ProxiedService, sight: ProxySight): ProxyServiceStatus {
  const { mode, scheduler, listen, pool, rules } = proxied;
  const { active, given, rate } = sight.alive ? sight.services[service]! : nobody;
  return {
    service,
    mode,
    scheduler,
    listening: listen.every((place) => sight.listens.includes(place)),
    active,
    given,
    rate,
    pools: [
      { rule: null, realServers: serversOf(pool, sight) },
      ...Object.entries(rules).map(([rule, own]) => ({ rule: Number(rule), realServers: serversOf(own, sight) })),
    ],
  };
}

const nobody = { active: null, given: null, rate: null };
/** The name that both configurations give a sorry server is not the same; there is one at most. */
const SORRY = "sorry server";

function serversOf(pool: ProxyPool, sight: ProxySight): ProxyServerStatus[] {
  const seen = sight.alive ? sight.pools?.[pool.name] : undefined;
  const found = Object.entries(seen ?? {}).map(([name, server]) => [server.backup ? SORRY : name, server] as const);
  const now = new Map(found);
  const wanted = [
    ...Object.entries(pool.realServers).map(([name, { endpoint }]) => ({
      name,
      endpoint,
      role: "real server" as const,
    })),
    ...(pool.sorryServer === undefined
      ? []
      : [{ name: SORRY, endpoint: pool.sorryServer, role: "sorry server" as const }]),
  ];
  const strangers = found
    .filter(([name]) => wanted.every((each) => each.name !== name))
    .map(([name, { endpoint }]) => ({ name, endpoint, role: "stranger" as const }));
  return [...wanted, ...strangers].map(({ name, endpoint, role }): ProxyServerStatus => {
    const server = now.get(name);
    return {
      address: server?.endpoint ?? endpoint,
      name: role === "real server" ? name : (server?.endpoint ?? endpoint),
      role,
      health: server?.health ?? "unknown",
      inPool: sight.alive && sight.pools ? server !== undefined : null,
      ...(server?.aside !== undefined && { aside: server.aside }),
      weight: server?.weight ?? null,
      active: server?.active ?? null,
      given: server?.given ?? null,
      rate: server?.rate ?? null,
    };
  });
}

/** What of a proxy is not as set up; nothing for one that does not run, which is said by itself. */
export function proxyDrift({ services }: Proxies, sight: ProxySight): string[] {
  if (!sight.alive) return [];
  return Object.entries(services).flatMap(([service, { listen, pool, rules }]) => [
    ...listen.filter((place) => !sight.listens.includes(place)).map((place) => `nothing listens on ${place}`),
    ...(sight.pools
      ? [
          ...poolDrift(service, pool, sight),
          ...Object.entries(rules).flatMap(([rule, own]) => poolDrift(`${service} rule ${rule}`, own, sight)),
        ]
      : []),
  ]);
}

function poolDrift(where: string, pool: ProxyPool, sight: ProxySight): string[] {
  return serversOf(pool, sight).flatMap(({ address, name, role, inPool, aside, weight }) => {
    const who = `${where} -> ${name}`;
    if (role === "stranger") return [`${who} is in the pool`];
    if (inPool === false) return [`${who} is not in the pool`];
    const want = role === "real server" ? pool.realServers[name] : undefined;
    return [
      ...(aside === undefined ? [] : [`${who} is set to ${aside}`]),
      ...(want !== undefined && want.endpoint !== address ? [`${who} is ${address}, not ${want.endpoint}`] : []),
      ...(role === "sorry server" && pool.sorryServer !== address
        ? [`${who} is ${address}, not ${pool.sorryServer}`]
        : []),
      ...(want !== undefined && want.weight !== weight ? [`${who} has weight ${weight}, not ${want.weight}`] : []),
    ];
  });
}

/** What is wrong with a proxy by itself. */
export function proxyProblems(host: string, { engine, running, services }: ProxyStatus): string[] {
  if (!running) return [`${host}: ${engine} does not run. Look at "journalctl -u ${engine}" there.`];
  if (services.some(({ pools }) => pools.some(({ realServers }) => realServers.some(({ inPool }) => inPool === null))))
    return [`${host}: ${engine} runs, and cannot be asked for its real servers.`];
  const said = services.flatMap(({ service, pools }) =>
    pools.flatMap(({ realServers }) => {
      const down = realServers
        .filter(({ role, health }) => role !== "stranger" && health === "down")
        .map(({ address, name }) => {
          const who = `${host}: ${service} -> ${name === address ? name : `${name} (${address})`}`;
          return engine === "haproxy"
            ? `${who}: its health check fails.`
            : `${who}: the director cannot connect to it.`;
        });
      const serving = realServers.filter(({ role }) => role === "real server");
      const sorry = realServers.find(({ role }) => role === "sorry server");
      return sorry !== undefined && sorry.health !== "down" && serving.every(({ health }) => health === "down")
        ? [...down, `${host}: ${service} -> ${sorry.address}: the sorry server answers, since no real server can.`]
        : down;
    }),
  );
  // A rule may have a real server that the service has, too.
  return [...new Set(said)];
}
