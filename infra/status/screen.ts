import type { Look, Paint } from "./paint.js";
import type { ClusterStatus, DirectorStatus, RealServerStatus, Status } from "./schema.js";
import { proxyDirectorTable, proxyServices } from "./screen-proxy.js";
import { duration, HEALTH, NONE, RATES, short, table, vrrpCells } from "./screen-table.js";

/** One screen for a person. */
export function screen(status: Status, paint: Paint): string {
  const several = status.clusters.length > 1;
  const parts = [
    head(status, paint),
    ...status.clusters.flatMap((cluster) => [
      ...(several ? [paint("title", cluster.name)] : []),
      ...(cluster.vips.length > 0 ? [table(["VIP", "held by", "since"], vipRows(cluster, paint), paint)] : []),
      ...(cluster.directors.length > 0 ? [directors(cluster, paint)] : []),
      ...shownDirectors(cluster).map((director) => services(director, paint)),
      ...lasting(status, cluster, paint),
    ]),
    ...unread(status, paint),
    ...(status.problems.length > 0 ? [list("problems", status.problems, "bad", paint)] : []),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** Seconds after which it is said that a host has not answered again. */
const SILENT = 5;

function head({ stack, at, verdict, hosts }: Status, paint: Paint): string {
  const look = verdict === "healthy" ? "good" : "bad";
  const late = hosts
    .filter(({ error, age }) => error === null && age > SILENT)
    .map(({ host, age }) => `${host} ${age} s ago`);
  const seen = late.length > 0 ? `, ${paint("doubtful", `last seen ${late.join(", ")}`)}` : "";
  return `${paint("title", stack)}: ${paint(look, verdict)} at ${clock(at)}${seen}`;
}

function vipRows({ vips, directors }: ClusterStatus, paint: Paint): string[][] {
  return vips.map(({ address, holders }) => {
    const who = holders.map((holder) => `${holder.host} (${holder.interface})`).join(", ");
    const since = holders.map(({ since: when, seconds }) =>
      when === null ? "not known" : `${clock(when)}, ${duration(seconds ?? 0)}`,
    );
    const none = directors.length > 0 ? "nobody" : "not known";
    return [address, paint(holders.length === 1 ? "good" : "bad", who || none), since.join(", ")];
  });
}

function directors(cluster: ClusterStatus, paint: Paint): string {
  if (cluster.directors.some(({ proxy }) => proxy)) return proxyDirectorTable(cluster, paint);
  const rows = cluster.directors.map((director) => [
    director.host,
    ...vrrpCells(director, paint),
    ...rates(director.total?.rates ?? null),
  ]);
  return table(["director", "VRRP", "priority", ...RATES], rows, paint);
}

/** Whose services are shown: who has a VIP; the first one while nobody has. */
function shownDirectors({ vips, directors }: ClusterStatus): DirectorStatus[] {
  const holders = new Set(vips.flatMap(({ holders: all }) => all.map(({ host }) => host)));
  const serving = directors.filter(({ host }) => holders.has(host));
  if (serving.length > 0) return serving;
  // Proxies without VIPs all serve.
  return vips.length === 0 ? directors : directors.slice(0, 1);
}

function services(director: DirectorStatus, paint: Paint): string {
  if (director.proxy) return proxyServices(director.host, director.proxy, paint);
  const { host, services: all } = director;
  if (all.length === 0) return `${paint("title", `services on ${host}`)}: none`;
  const rows = all.flatMap(({ service, scheduler, flags = [], persistenceTimeout, rates: flow, realServers }) => {
    const persistent = persistenceTimeout === undefined ? [] : [`persistent ${persistenceTimeout} s`];
    return [
      [paint("title", service), [scheduler, ...flags, ...persistent].join(" "), "", "", "", "", ...rates(flow)],
      ...realServers.map((each) => realServerRow(each, paint)),
    ];
  });
  return table([`service on ${host}`, "", "health", "weight", "active", "inactive", ...RATES], rows, paint);
}

function realServerRow(each: RealServerStatus, paint: Paint): string[] {
  const { address, name, role, health, inTable, forwarding, weight, active, inactive, rates: flow } = each;
  const what = role === "real server" ? "" : role === "sorry server" ? " (sorry server)" : " (not ours)";
  return [
    `  ${name ?? address}${what}`,
    `${name === null ? "" : `${address} `}${forwarding ?? ""}`.trim(),
    paint(HEALTH[health], health === "up" && !inTable ? "up, not in the table" : health),
    ...[weight, active, inactive].map((number) => (number === null ? NONE : String(number))),
    ...rates(flow),
  ];
}

function rates(flow: RealServerStatus["rates"]): string[] {
  if (flow === null) return [NONE, NONE, NONE, NONE, NONE];
  return [flow.connections, flow.packetsIn, flow.packetsOut, flow.bytesIn, flow.bytesOut].map(short);
}

function lasting({ stack, at }: Status, { directors, drift, verification }: ClusterStatus, paint: Paint): string[] {
  const own = directors.some(({ proxy }) => proxy) ? "pools, places where proxies listen" : "tables";
  const what = `${own}, addresses, routes, sysctls and firewall rules`;
  const all = `all of it: npm run -s drift -- ${stack}`;
  const found = drift.length > 0 ? paint("bad", `${drift.length} not as set up`) : paint("good", "none");
  const words = [`${paint("title", "drift")}         ${found} (${what}; ${all})`];
  if (verification === null) words.push(`${paint("title", "verification")}  ${paint("bad", "never")}`);
  else {
    const { at: when, current, sent, answered } = verification;
    const ago = when === null ? "at a time not known" : `${clock(when)}, ${duration(secondsBetween(when, at))} ago`;
    const requests = sent > 0 ? `: ${answered} of ${sent} requests answered` : "";
    const stale = current ? "" : `, ${paint("bad", "and hosts have been changed since")}`;
    words.push(`${paint("title", "verification")}  ${ago}${requests}${stale}`);
  }
  return [words.join("\n")];
}

function unread({ hosts }: Status, paint: Paint): string[] {
  const failed = hosts.filter(({ error }) => error !== null);
  if (failed.length === 0) return [];
  const said = failed.map(({ host, error }) => (error!.startsWith(host) ? error! : `${host}: ${error}`));
  // A proxy behind another layer is a host of both.
  return [list("not read", [...new Set(said)], "bad", paint)];
}

function list(title: string, items: string[], look: Look, paint: Paint): string {
  return [paint("title", title), ...items.map((item) => `  ${paint(look, item.replaceAll("\n", "\n  "))}`)].join("\n");
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}

/** A moment in UTC, to the second. */
function clock(moment: string): string {
  return `${moment.slice(0, 19).replace("T", " ")} UTC`;
}
