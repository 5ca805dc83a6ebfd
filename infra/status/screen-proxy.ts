import type { Paint } from "./paint.js";
import type { ClusterStatus, ProxyServerStatus, ProxyServiceStatus, ProxyStatus } from "./schema.js";
import { HEALTH, NONE, short, table, vrrpCells } from "./screen-table.js";

/** Directors that run a proxy. */
export function proxyDirectorTable({ vips, directors }: ClusterStatus, paint: Paint): string {
  const vrrp = vips.length > 0;
  const rows = directors.map((director) => {
    const { host, proxy } = director;
    const running = proxy?.running ? paint("good", "runs") : paint("bad", "does not run");
    return [host, proxy ? `${proxy.engine} ${running}` : NONE, ...(vrrp ? vrrpCells(director, paint) : [])];
  });
  return table(["director", "proxy", ...(vrrp ? ["VRRP", "priority"] : [])], rows, paint);
}

/** A proxy's services with their pools. */
export function proxyServices(host: string, { engine, services }: ProxyStatus, paint: Paint): string {
  if (services.length === 0) return `${paint("title", `services on ${host}`)}: none`;
  const rows = services.flatMap(({ pools, ...service }) => [
    serviceRow(service, paint),
    ...pools.flatMap(({ rule, realServers }) => [
      ...(rule === null ? [] : [[`  rule ${rule}`]]),
      ...realServers.map((server) => serverRow(server, rule === null ? "  " : "    ", paint)),
    ]),
  ]);
  // nginx tells no numbers: columns without any would be noise.
  const titles = [`service on ${host}`, "", "health", "weight", "active", "total", "per s"];
  const shown = engine === "nginx" ? titles.length - 2 : titles.length;
  return table(
    titles.slice(0, shown),
    rows.map((row) => Array.from({ length: shown }, (_, at) => row[at] ?? "")),
    paint,
  );
}

function serviceRow(service: Omit<ProxyServiceStatus, "pools">, paint: Paint): string[] {
  const { service: key, mode, scheduler, listening, ...load } = service;
  const deaf = listening === false ? paint("bad", "does not listen") : "";
  return [paint("title", key), `${mode} ${scheduler}`, deaf, "", ...loads(load)];
}

function serverRow(server: ProxyServerStatus, indent: string, paint: Paint): string[] {
  const { address, name, role, health, inPool, aside, weight, ...load } = server;
  const what = role === "real server" ? "" : role === "sorry server" ? " (sorry server)" : " (not ours)";
  const state = inPool === false ? "not in the pool" : [health, aside].filter((word) => word !== undefined).join(", ");
  return [
    `${indent}${name}${what}`,
    name === address ? "" : address,
    paint(inPool === false || aside !== undefined ? "bad" : HEALTH[health], state),
    weight === null ? NONE : String(weight),
    ...loads(load),
  ];
}

function loads({ active, given, rate }: Pick<ProxyServerStatus, "active" | "given" | "rate">): string[] {
  return [active, given, rate].map((number) => (number === null ? NONE : short(number)));
}
