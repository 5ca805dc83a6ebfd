import { listed } from "./ipvs.js";
import type { Query } from "./noun.js";
import { lines, script } from "./script.js";

/** Connections, packets and bytes: counted since an entry was made, or in a second. */
export interface Flow {
  connections: number;
  packetsIn: number;
  packetsOut: number;
  bytesIn: number;
  bytesOut: number;
}

/** What the kernel has counted of one thing, and its rate now; both lag by up to 2 s (`ip_vs_est`). */
export interface Counted {
  counted: Flow;
  rates: Flow;
}

/** What goes to one real server of a service. */
export interface RealServerTraffic extends Counted {
  /** Connections that are established, and others that are still remembered. */
  active: number;
  inactive: number;
}

/** What goes through a director. */
export interface Traffic {
  /** Of all services since ip_vs was loaded (`/proc/net/ip_vs_stats`); none when it is not loaded. */
  totals?: Counted;
  /** By service and real server, in the words of the table; empty without ipvsadm. */
  services: Record<string, Counted & { realServers: Record<string, RealServerTraffic> }>;
}

/** Asks what goes through IPVS, changing nothing. */
export function traffic(): Query<Traffic> {
  return { steps: [script("read-traffic", [])], parse: (results) => parse(lines(results[0]!.stdout)) };
}

function parse(output: string[]): Traffic {
  const sections: Record<string, string[]> = {};
  let section: string[] = [];
  for (const line of output) {
    const title = /^== (.*)$/.exec(line)?.[1];
    if (title === undefined) section.push(line);
    else sections[title] = section = [];
  }
  const services: Traffic["services"] = {};
  for (const { service, realServer, words } of listed(sections["now"] ?? [])) {
    if (realServer === undefined) services[service] = { ...nothing(), realServers: {} };
    else
      services[service]!.realServers[realServer] = {
        ...nothing(),
        active: Number(words.at(-2)),
        inactive: Number(words.at(-1)),
      };
  }
  for (const kind of ["counted", "rates"] as const)
    for (const { service, realServer, words } of listed(sections[kind] ?? [])) {
      const entry = realServer === undefined ? services[service] : services[service]?.realServers[realServer];
      // What came between two looks is seen by the next one.
      if (entry !== undefined) entry[kind] = flow(words.slice(-5).map(Number));
    }
  const totals = sections["totals"];
  return { ...(totals && { totals: totalsOf(totals) }), services };
}

/** The two lines of hexadecimal numbers in `/proc/net/ip_vs_stats`: all since the module was loaded, and a second's. */
function totalsOf(output: string[]): Counted {
  const numbers = output.map((line) => line.trim().split(/\s+/)).filter((words) => words.every(isHex));
  const [counted, rates] = numbers.map((words) => flow(words.map((word) => parseInt(word, 16))));
  if (counted === undefined || rates === undefined)
    throw new Error(`/proc/net/ip_vs_stats: must have two lines of numbers, got ${JSON.stringify(output)}.`);
  return { counted, rates };
}

function isHex(word: string): boolean {
  return /^[0-9A-F]+$/.test(word);
}

function flow([connections = 0, packetsIn = 0, packetsOut = 0, bytesIn = 0, bytesOut = 0]: number[]): Flow {
  return { connections, packetsIn, packetsOut, bytesIn, bytesOut };
}

/** What an entry that nobody has used yet has. */
export function nothing(): Counted {
  return { counted: flow([]), rates: flow([]) };
}
