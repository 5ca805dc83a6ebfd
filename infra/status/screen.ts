import Table from "cli-table3";
import type { Look, Paint } from "./paint.js";
import type { ClusterStatus, DirectorStatus, RealServerStatus, Status } from "./schema.js";

/** One screen for a person. */
export function screen(status: Status, paint: Paint): string {
  const several = status.clusters.length > 1;
  const parts = [
    head(status, paint),
    ...status.clusters.flatMap((cluster) => [
      ...(several ? [paint("title", cluster.name)] : []),
      table(["VIP", "held by", "since"], vipRows(cluster, paint), paint),
      ...(cluster.directors.length > 0
        ? [table(["director", "VRRP", "priority", ...RATES], directorRows(cluster, paint), paint)]
        : []),
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

const RATES = ["conn/s", "pkt/s in", "out", "B/s in", "out"];

function directorRows({ directors }: ClusterStatus, paint: Paint): string[][] {
  return directors.map(({ host, daemon, running, instances, total }) => {
    const states = instances.map(({ instance, state }) => {
      const look = state === "MASTER" ? "good" : state === "BACKUP" ? "dim" : "bad";
      return `${instance} ${paint(look, state)}`;
    });
    const none = daemon === "ipvsadm" ? "without" : paint("bad", running ? "no instance" : "keepalived does not run");
    const priorities = [...new Set(instances.map(({ priority }) => priority))].join(", ");
    return [host, states.join(", ") || none, priorities, ...rates(total?.rates ?? null)];
  });
}

/** Whose table is shown: who has a VIP; the first one while nobody has. */
function shownDirectors({ vips, directors }: ClusterStatus): DirectorStatus[] {
  const holders = new Set(vips.flatMap(({ holders: all }) => all.map(({ host }) => host)));
  const serving = directors.filter(({ host }) => holders.has(host));
  return serving.length > 0 ? serving : directors.slice(0, 1);
}

function services({ host, services: all }: DirectorStatus, paint: Paint): string {
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

const HEALTH: Record<RealServerStatus["health"], Look> = {
  up: "good",
  down: "bad",
  checking: "doubtful",
  unchecked: "dim",
  unknown: "doubtful",
};

function realServerRow(each: RealServerStatus, paint: Paint): string[] {
  const { address, name, role, health, inTable, forwarding, weight, active, inactive, rates: flow } = each;
  const what = role === "real server" ? "" : role === "sorry server" ? " (sorry server)" : " (not ours)";
  return [
    `  ${name ?? address}${what}`,
    `${name === null ? "" : `${address} `}${forwarding ?? ""}`.trim(),
    paint(HEALTH[health], health === "up" && !inTable ? "up, not in the table" : health),
    ...[weight, active, inactive].map((number) => (number === null ? "-" : String(number))),
    ...rates(flow),
  ];
}

function rates(flow: RealServerStatus["rates"]): string[] {
  if (flow === null) return ["-", "-", "-", "-", "-"];
  return [flow.connections, flow.packetsIn, flow.packetsOut, flow.bytesIn, flow.bytesOut].map(short);
}

/** `950`, `1.2k`, `34M`: three figures at most, so that columns stay where they are. */
export function short(number: number): string {
  const units = ["", "k", "M", "G", "T"];
  let unit = 0;
  while (number >= 999.5 && unit < units.length - 1) [number, unit] = [number / 1000, unit + 1];
  return `${unit > 0 && number < 9.95 ? number.toFixed(1) : Math.round(number)}${units[unit]}`;
}

function lasting({ stack, at }: Status, { drift, verification }: ClusterStatus, paint: Paint): string[] {
  const what = "tables, addresses, routes and sysctls of real servers";
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
  return [list("not read", said, "bad", paint)];
}

function list(title: string, items: string[], look: Look, paint: Paint): string {
  return [paint("title", title), ...items.map((item) => `  ${paint(look, item.replaceAll("\n", "\n  "))}`)].join("\n");
}

function table(titles: string[], rows: string[][], paint: Paint): string {
  const sides = ["top", "bottom", "left", "right", "mid"];
  const corners = ["top", "bottom", "left", "right"].flatMap((side) => [
    `${side}-mid`,
    `${side}-left`,
    `${side}-right`,
  ]);
  const drawn = new Table({
    head: titles.map((title) => paint("dim", title)),
    chars: { ...Object.fromEntries([...sides, ...corners, "mid-mid"].map((place) => [place, ""])), middle: "  " },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    colAligns: titles.map((title) => (NUMBERS.has(title) ? "right" : "left")),
  });
  drawn.push(...rows);
  return drawn
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

const NUMBERS = new Set(["priority", "weight", "active", "inactive", ...RATES]);

function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}

/** `12 s`, `3 min`, `5 h 20 min`, `12 d 3 h`. */
export function duration(seconds: number): string {
  const [s, min, h] = [Math.floor(seconds), Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  if (s < 60) return `${s} s`;
  if (min < 60) return `${min} min ${s % 60} s`;
  if (h < 24) return `${h} h ${min % 60} min`;
  return `${Math.floor(h / 24)} d ${h % 24} h`;
}

/** A moment in UTC, to the second. */
function clock(moment: string): string {
  return `${moment.slice(0, 19).replace("T", " ")} UTC`;
}
