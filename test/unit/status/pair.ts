import { readFileSync } from "node:fs";
import { join } from "node:path";
import { state, type State } from "../../../infra/linux/keepalived.js";
import { traffic } from "../../../infra/linux/traffic.js";
import { parseRules } from "../../../infra/linux/ipvs.js";
import type { DirectorSight, Sight } from "../../../infra/status/look.js";
import type { KnownCluster } from "../../../infra/status/state.js";
import { printed } from "../linux/case-files.js";

const conf = readFileSync(join(__dirname, "../../cases/plan/case-1/director-a/etc/keepalived/keepalived.conf"), "utf8");
const VIP = "192.168.184.100/24";
const SERVICE = "tcp 192.168.184.100:80";
export const RS1 = "192.168.184.12:80";
export const RS2 = "192.168.184.13:80";

const RULES = [
  "-A -t 192.168.184.100:80 -s rr",
  `-a -t 192.168.184.100:80 -r ${RS1} -g -w 1`,
  `-a -t 192.168.184.100:80 -r ${RS2} -g -w 1`,
];

const director = (name: string): KnownCluster["directors"][number] => ({
  name,
  daemon: "keepalived",
  vips: [`ens32 ${VIP}`],
  configuration: conf,
  table: parseRules(RULES),
});

/** The pair of case 1, as the last `up` left it. */
export const pair: KnownCluster = {
  name: "lvs",
  hosts: [
    ...["director-a", "director-b"].map((name) => ({ name, role: "director" as const })),
    ...["rs1", "rs2"].map((name) => ({ name, role: "real server" as const })),
  ].map((host, index) => ({ ...host, connection: { host: `198.18.1.1${index}` } })),
  directors: ["director-a", "director-b"].map(director),
  live: {},
  names: { "192.168.184.12": "rs1", "192.168.184.13": "rs2" },
  verification: {
    evidence: {
      at: "2026-11-25T06:00:00.000Z",
      vipHolders: {},
      tables: {},
      realServers: {},
      requests: { "http://192.168.184.100:80/": { sent: 4, answered: 4, connections: {} } },
    },
    current: true,
  },
};

/** The moment of the looks. */
export const NOW = Date.parse("2026-11-25T06:30:00.000Z");

/** What keepalived prints of itself, in the words of its dump. */
interface Dump {
  state: string;
  priority: number;
  preempt?: boolean;
  /** Real servers whose check fails. */
  failing?: string[];
  /** Those whose check has not run. */
  open?: string[];
}

function daemon({ state: vrrp, priority, preempt = true, failing = [], open = [] }: Dump): State {
  const realServer = (endpoint: string) => {
    const [address = "", port = ""] = endpoint.split(":");
    return [
      `RIP = ${address}, RPORT = ${port}, WEIGHT = 1 EFF WEIGHT = 1`,
      `alive = ${failing.includes(endpoint) ? 0 : 1}`,
      `RS set = ${failing.includes(endpoint) ? 0 : 1}`,
      `CHECK = [192.168.184.100]:tcp:80 -> [${address}]:tcp:${port}`,
      "Enabled = yes",
      `Has run = ${open.includes(endpoint) ? "no" : "yes"}`,
    ];
  };
  const dump = [
    "alive",
    "VRRP Instance = VI_1",
    `State = ${vrrp}`,
    "Last transition = 1795588802.500000 (Wed Nov 25 06:40:02.500000 2026)",
    `Priority = ${priority}`,
    `Effective priority = ${priority}`,
    `Preempt = ${preempt ? "enabled" : "disabled"}`,
    ...(vrrp === "MASTER" ? [`VIP ${VIP} dev ens32 scope global label ens32:3 set`] : []),
    "VS VIP = 192.168.184.100, VPORT = 80",
    "protocol = TCP",
    "alive = 1",
    ...realServer(RS1),
    ...realServer(RS2),
  ];
  const { steps, parse } = state();
  return parse(printed(steps, [dump.join("\n")]));
}

const flows = (() => {
  const folder = join(__dirname, "../../cases/traffic/read.json");
  const cases = JSON.parse(readFileSync(folder, "utf8")) as { printed: string[] }[];
  const { steps, parse } = traffic();
  return parse(printed(steps, [cases.find((each) => each.printed.includes("== now"))!.printed.join("\n")]));
})();

/** A director that was reached: MASTER has the VIP for 754 s, unless said otherwise. */
export function seen(
  dump: Dump,
  more: { rules?: string[]; holds?: boolean; dead?: boolean } = {},
): Sight & { director: DirectorSight } {
  const { rules = RULES, holds = dump.state === "MASTER", dead = false } = more;
  const alive = daemon(dump);
  return {
    at: NOW,
    drift: [],
    director: {
      held: [
        { dev: "lo", address: "127.0.0.1/8", age: { seconds: 9999, since: 0 } },
        ...(holds ? [{ dev: "ens32", address: VIP, age: { seconds: 754, since: NOW / 1000 - 754 } }] : []),
      ],
      table: parseRules(rules),
      traffic: flows,
      daemon: dead ? { ...alive, alive: false, instances: {} } : alive,
    },
  };
}

export const MASTER = { state: "MASTER", priority: 100 };
export const BACKUP = { state: "BACKUP", priority: 50 };
export { RULES, SERVICE, VIP };

/** All hosts well, but for those that are given. */
export function sights(others: Record<string, Sight | undefined> = {}): Record<string, Sight | undefined> {
  const well = { at: NOW, drift: [] };
  return { "director-a": seen(MASTER), "director-b": seen(BACKUP), rs1: well, rs2: well, ...others };
}
