import type { Step } from "../host/types.js";
import type { Table, TableRealServer, TableService } from "../plan/types.js";
import { endpoint } from "./canonical.js";
import type { Query } from "./noun.js";
import { lines, script } from "./script.js";

const METHODS = { "-g": "dr", "-i": "tun", "-m": "nat" } as const;
const FLAGS = { dr: "-g", tun: "-i", nat: "-m" } as const;
const PROTOCOLS: Record<string, string> = { "-t": "tcp", "-u": "udp", "--sctp-service": "sctp" };

/** The kernel's IPVS table; empty when ip_vs is not loaded. */
export function read(): Query<Table> {
  return {
    steps: [script("read-ipvs", [])],
    parse: (results) => {
      const [source, ...rules] = lines(results[0]!.stdout);
      if (source === undefined) return {};
      return source === "ipvsadm" ? parseRules(rules) : parseProc(rules);
    },
  };
}

/** Parses `ipvsadm -Sn`. */
export function parseRules(rules: string[]): Table {
  const table: Table = {};
  for (const rule of rules) {
    const words = rule.trim().split(/\s+/);
    const key = serviceKey(words);
    if (words[0] === "-A") table[key] = parseService(words);
    else if (words[0] === "-a") {
      const service = table[key];
      if (!service) throw new Error(`ipvsadm -Sn: a real server must follow its service, got "${rule}".`);
      service.realServers[after(words, "-r")!] = parseRealServer(words);
    } else throw new Error(`ipvsadm -Sn: must print rules only, got "${rule}".`);
  }
  return table;
}

function after(words: string[], ...flags: string[]): string | undefined {
  const at = words.findIndex((word) => flags.includes(word));
  return at < 0 ? undefined : words[at + 1];
}

function serviceKey(words: string[]): string {
  const mark = after(words, "-f");
  if (mark !== undefined) return `fwmark ${mark}${words.includes("-6") ? " inet6" : ""}`;
  const flag = Object.keys(PROTOCOLS).find((each) => words.includes(each));
  if (!flag) throw new Error(`ipvsadm -Sn: a rule must name its service, got "${words.join(" ")}".`);
  return `${PROTOCOLS[flag]} ${after(words, flag)}`;
}

function parseService(words: string[]): TableService {
  const flags = after(words, "-b")?.split(",").sort();
  const timeout = after(words, "-p");
  const granularity = after(words, "-M");
  return {
    scheduler: after(words, "-s") ?? "wlc",
    ...(flags ? { flags } : {}),
    ...(timeout ? { persistenceTimeout: Number(timeout) } : {}),
    ...(granularity ? { persistenceGranularity: granularity } : {}),
    ...(words.includes("-o") ? { onePacket: true } : {}),
    realServers: {},
  };
}

function parseRealServer(words: string[]): TableRealServer {
  const flag = (Object.keys(METHODS) as (keyof typeof METHODS)[]).find((each) => words.includes(each));
  const tunnel = words.slice(words.indexOf("--tun-type")).join(" ");
  // ipvsadm names the plain kind too.
  const plain = (after(words, "--tun-type") ?? "ipip") === "ipip";
  return {
    forwarding: METHODS[flag ?? "-g"],
    weight: Number(after(words, "-w") ?? 1),
    ...(plain ? {} : { tunnel }),
  };
}

/** Parses `/proc/net/ip_vs`, for a host without ipvsadm; scheduler flags and tunnel types are not shown there. */
function parseProc(rows: string[]): Table {
  const table: Table = {};
  let current: TableService | undefined;
  for (const row of rows) {
    const words = row.trim().split(/\s+/);
    if (["TCP", "UDP", "SCTP", "FWM"].includes(words[0]!)) {
      // In units of the kernel's own clock, whose rate is shown nowhere.
      if (words.includes("persistent"))
        throw new Error(
          `/proc/net/ip_vs: a persistent service needs ipvsadm to be read, got "${row}". Install ipvsadm.`,
        );
      current = {
        scheduler: words[2]!,
        ...(words.includes("ops") ? { onePacket: true } : {}),
        realServers: {},
      };
      const key =
        words[0] === "FWM"
          ? `fwmark ${parseInt(words[1]!, 16)}`
          : `${words[0]!.toLowerCase()} ${hexEndpoint(words[1]!)}`;
      table[key] = current;
    } else if (words[0] === "->" && current && words[1] !== "RemoteAddress:Port") {
      const forwarding = ({ Route: "dr", Tunnel: "tun", Masq: "nat" } as const)[words[2] as "Route"] ?? "dr";
      current.realServers[hexEndpoint(words[1]!)] = { forwarding, weight: Number(words[3]) };
    }
  }
  return table;
}

function hexEndpoint(text: string): string {
  const [, six, port6 = ""] = /^\[(.*)\]:([0-9A-F]{4})$/.exec(text) ?? [];
  if (six !== undefined) return endpoint(six, parseInt(port6, 16));
  const [address = "", port = ""] = text.split(":");
  return endpoint([0, 2, 4, 6].map((at) => parseInt(address.slice(at, at + 2), 16)).join("."), parseInt(port, 16));
}

/** What lies between two tables: in words, and as ipvsadm commands in an order that never empties a service first. */
export function difference(have: Table, want: Table): { changes: string[]; steps: Step[] } {
  const changes: string[] = [];
  const steps: Step[] = [];
  const add = (words: string, argv: string[]) => {
    changes.push(words);
    steps.push({ argv: ["ipvsadm", ...argv] });
  };
  for (const [key, service] of sorted(want)) {
    const old = have[key];
    if (!old) add(`${key} is missing`, ["-A", ...serviceWords(key), ...serviceOptions(service)]);
    else if (!sameService(old, service))
      add(`${key} is ${show(old)}, not ${show(service)}`, ["-E", ...serviceWords(key), ...serviceOptions(service)]);
    for (const [name, realServer] of sorted(service.realServers)) {
      const was = old?.realServers[name];
      const options = [...serviceWords(key), "-r", name, ...realServerOptions(realServer)];
      if (!was) add(`${key} -> ${name} is missing`, ["-a", ...options]);
      else if (said(was) !== said(realServer))
        add(`${key} -> ${name} is ${said(was)}, not ${said(realServer)}`, ["-e", ...options]);
    }
    for (const [name] of sorted(old?.realServers ?? {}))
      if (!service.realServers[name]) add(`${key} -> ${name} is not ours`, ["-d", ...serviceWords(key), "-r", name]);
  }
  for (const [key] of sorted(have)) if (!want[key]) add(`${key} is not ours`, ["-D", ...serviceWords(key)]);
  return { changes, steps };
}

/** The step that gives a real server a weight; at 0 it gets no new connections, and those that it has go on. */
export function weigh(service: string, name: string, entry: TableRealServer, weight = entry.weight): Step {
  const options = realServerOptions({ ...entry, weight });
  return { argv: ["ipvsadm", "-e", ...serviceWords(service), "-r", name, ...options] };
}

/** Connections of real servers, keyed by service and real server with a blank between. */
export type Load = Record<string, { active: number; persistent: number }>;

/** What goes over each real server now: established connections, and clients that persistence holds to it. */
export function load(): Query<Load> {
  return {
    steps: [{ argv: ["ipvsadm", "-Ln", "--persistent-conn"] }],
    parse: (results) => {
      const load: Load = {};
      for (const { service, realServer, words } of listed(lines(results[0]!.stdout))) {
        const [, , , persistent, active] = words;
        if (realServer !== undefined && active !== undefined)
          load[`${service} ${realServer}`] = { active: Number(active), persistent: Number(persistent) };
      }
      return load;
    },
  };
}

/** Connections since each entry was made, keyed by service and real server with a blank between. */
export function connections(): Query<Record<string, number>> {
  return {
    steps: [{ argv: ["ipvsadm", "-Ln", "--stats", "--exact"] }],
    parse: (results) =>
      Object.fromEntries(
        listed(lines(results[0]!.stdout)).flatMap(({ service, realServer, words }) =>
          realServer === undefined ? [] : [[`${service} ${realServer}`, Number(words[2])]],
        ),
      ),
  };
}

/**
 * Connections that got no further than the client's SYN, counted by real server: it did not answer, or its answer took no
 * way that the client could confirm (`SYN_RECV`, kept for 60 s).
 */
export function halfOpen(): Query<Record<string, number>> {
  return {
    steps: [{ argv: ["ipvsadm", "-Lnc"] }],
    parse: (results) => {
      const counts: Record<string, number> = {};
      for (const line of lines(results[0]!.stdout)) {
        const [, , state, , , realServer] = line.trim().split(/\s+/);
        if (state === "SYN_RECV" && realServer !== undefined) counts[realServer] = (counts[realServer] ?? 0) + 1;
      }
      return counts;
    },
  };
}

/** A line of one of ipvsadm's lists that stands for a service or one of its real servers. */
export interface Listed {
  /** As the table has it. */
  service: string;
  realServer?: string;
  words: string[];
}

/** The lines of `ipvsadm -Ln`, with whatever columns, but for its headings. */
export function listed(list: string[]): Listed[] {
  let service: string | undefined;
  return list.flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const begun = listedService(words);
    if (begun !== undefined) return [{ service: (service = begun), words }];
    return words[0] === "->" && service !== undefined ? [{ service, realServer: words[1]!, words }] : [];
  });
}

/** The service that a line of `ipvsadm -Ln` begins, as the table has it; undefined for any other line. */
function listedService(words: string[]): string | undefined {
  const [kind = "", name, family] = words;
  if (["TCP", "UDP", "SCTP"].includes(kind)) return `${kind.toLowerCase()} ${name}`;
  return kind === "FWM" ? `fwmark ${name}${family === "IPv6" ? " inet6" : ""}` : undefined;
}

/** A table as ipvsadm rules, as people know them. */
export function rules(table: Table): string[] {
  return difference({}, table).steps.map(({ argv }) => argv.slice(1).join(" "));
}

function sorted<T>(map: Record<string, T>): [string, T][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function serviceWords(key: string): string[] {
  const [kind = "", name = "", family] = key.split(" ");
  if (kind === "fwmark") return family ? ["-f", name, "-6"] : ["-f", name];
  return [Object.entries(PROTOCOLS).find(([, protocol]) => protocol === kind)![0], name];
}

function serviceOptions(service: TableService): string[] {
  return [
    "-s",
    service.scheduler,
    ...(service.flags?.length ? ["-b", service.flags.join(",")] : []),
    ...(service.persistenceTimeout ? ["-p", String(service.persistenceTimeout)] : []),
    ...(service.persistenceGranularity ? ["-M", service.persistenceGranularity] : []),
    ...(service.onePacket ? ["-o"] : []),
  ];
}

function realServerOptions({ forwarding, weight, tunnel }: TableRealServer): string[] {
  return [FLAGS[forwarding], "-w", String(weight), ...(tunnel ? tunnel.split(" ") : [])];
}

function said({ forwarding, weight, tunnel }: TableRealServer): string {
  return `${forwarding} weight ${weight}${tunnel ? ` ${tunnel}` : ""}`;
}

function sameService(a: TableService, b: TableService): boolean {
  return show(a) === show(b);
}

function show(service: TableService): string {
  return serviceOptions(service).slice(1).join(" ");
}
