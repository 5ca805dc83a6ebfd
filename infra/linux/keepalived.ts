import type { Step, StepResult } from "../host/types.js";
import { endpoint } from "./canonical.js";
import type { Query } from "./noun.js";
import { lines, script } from "./script.js";

/** What `keepalived -t` said of a configuration. */
export interface Judgement {
  errors: string[];
  warnings: string[];
}

/** The step that lets keepalived read a configuration ({@link testable}) without running it. */
export function validate(path: string): Step {
  return { argv: ["keepalived", "-t", "-f", path], accept: "any" };
}

const SCRIPT_USER = /^( +user) (\S+)$/gm;

/**
 * A configuration as `keepalived -t` can read it: having looked at a script as another user than root, it ends itself with
 * SIGTERM, since its parent is not the daemon (2.2.7, `main_pid != getppid()`). Whether the users exist is asked apart.
 */
export function testable(content: string): string {
  return content.replace(SCRIPT_USER, "$1 root");
}

/** The sync daemon that a configuration asks for, with the instance whose state it has. */
function wantedSync(content: string): { device: string; instance: string; syncid: string } | undefined {
  const [, device, instance, syncid] = /^ *lvs_sync_daemon (\S+) (\S+) id (\d+)$/m.exec(content) ?? [];
  return device === undefined || instance === undefined || syncid === undefined
    ? undefined
    : { device, instance, syncid };
}

/** The step that brings the kernel's sync daemon to what a configuration says, in the state of its instance. */
export function settleSync(content: string, { instances }: Pick<State, "instances">): Step {
  const want = wantedSync(content);
  if (want === undefined) return script("settle-sync", []);
  const state = instances[want.instance]?.state === "MASTER" ? "master" : "backup";
  return script("settle-sync", [want.device, want.syncid, state]);
}

/** Whether the kernel has the sync daemon that a configuration asks for, and none that it does not. */
export function syncInStep(content: string): Query<boolean> {
  const want = wantedSync(content);
  return {
    // ipvsadm itself loads ip_vs, without which there is no daemon; and it may have been removed.
    steps: [
      { argv: ["sh", "-c", "[ ! -e /proc/net/ip_vs ] || ! command -v ipvsadm >/dev/null || ipvsadm -L --daemon"] },
    ],
    parse: (results) => {
      const daemons = lines(results[0]!.stdout).filter((line) => line.includes(" sync daemon "));
      if (want === undefined) return daemons.length === 0;
      const ours = `(mcast=${want.device}, syncid=${want.syncid}`;
      return daemons.length > 0 && daemons.every((line) => line.includes(`${ours},`) || line.includes(`${ours})`));
    },
  };
}

/** Steps that tell whether the users of scripts exist, and what is wrong. */
export function scriptUsers(content: string): Query<string[]> {
  const users = [...new Set([...content.matchAll(SCRIPT_USER)].map(([, , user]) => user!))].sort();
  return {
    steps: users.map((user) => ({ argv: ["id", "-u", "--", user], accept: "any" })),
    parse: (results) =>
      users
        .filter((_, index) => results[index]?.code !== 0)
        .map((user) => `user ${user}, who is to run a script, does not exist on the host`),
  };
}

/**
 * What keepalived says and goes on with what was asked of it (2.2.7). Everything else that comes with a failing exit code
 * means that it left out, cut or replaced something, which is an error here.
 */
const ADVICE = [
  /^NOTICE: /,
  /no scheduler set, setting default/,
  /usage is deprecated/,
  /^WARNING - default user '\S+' for script execution does not exist/,
  /^SECURITY VIOLATION - (scripts|check scripts) are being executed but script_security not enabled/,
];
/** Said with exit code 0. */
const FATAL = [/^Config files missing/, /^Unknown keyword/, /^Extra '}' found/, /^There (is|are) \d+ missing/];

/**
 * Sorts the messages of `keepalived -t`, each once, as `line 8: …`. Its exit code alone is not to be trusted: it is 0 for a
 * missing file or include and 5 for mere advice (seen with 2.2.7; an empty file gives 0 and no message at all).
 */
export function classify(result: StepResult): Judgement {
  const path = result.argv.at(-1);
  const said = lines(`${result.stdout}${result.stderr}`).filter((line) => line.trim() !== "");
  const judgement: Judgement = { errors: [], warnings: [] };
  for (const line of said) {
    const [, file, number, text = line] = /^\((?:(\S+): )?Line (\d+)\) (.*)$/.exec(line) ?? [];
    const where = file === undefined || file === path ? "" : `${file} `;
    const message = number === undefined ? text : `${where}line ${number}: ${text}`;
    const fatal = FATAL.some((each) => each.test(text));
    const bad = fatal || (result.code !== 0 && !ADVICE.some((each) => each.test(text)));
    const list = bad ? judgement.errors : judgement.warnings;
    // The file is read once for each of its subsystems, which then all say the same.
    if (!list.includes(message)) list.push(message);
  }
  if (result.code !== 0 && said.length === 0)
    judgement.errors.push(`keepalived -t exited ${result.code} without a word`);
  return judgement;
}

/** What the running daemon holds. */
export interface State {
  /** Main process and its children run. */
  alive: boolean;
  /** VRRP instances by name. */
  instances: Record<string, VrrpState>;
  /**
   * True for a real server that keepalived itself keeps out of the kernel's table: its check failed, or its service lost
   * its quorum.
   */
  isDown(service: string, realServer: string): boolean;
  /** True for a real server whose check fails, whether or not it is in the table (`inhibit_on_failure`). */
  fails(service: string, realServer: string): boolean;
  /**
   * Checks that have not come to a result, in keepalived's words (`[192.0.2.1]:tcp:80 -> [192.0.2.11]:tcp:80`): none has run
   * since the daemon began, or one failed and is repeated. Until then a real server is taken for what it was before.
   */
  undecided: string[];
  /** True when it tries a new configuration before a reload (`reload_check_config`). */
  reloadCheck: boolean;
}

/** A VRRP instance as a running keepalived has it. */
export interface VrrpState {
  state: string;
  /** With what tracked programs add to it. */
  priority: number;
  /** Addresses that it has set, with their prefix length. */
  vips: string[];
  /** In the words of keepalived.conf: `priority 100`, `virtual_router_id 51`, `advert_int 1`, `nopreempt`. */
  settings: string[];
  /** Unix time of its last change of state, or of the daemon's last reload, which counts as one (2.2.7). */
  changed?: number;
}

/** Asks the daemon for what it holds (SIGUSR1, keepalived(8)). */
export function state(): Query<State> {
  return {
    steps: [script("read-keepalived", [], { timeoutSeconds: 40 })],
    parse: (results) => parseState(lines(results[0]!.stdout)),
  };
}

/** Words of the dump that are settings of an instance. */
const SETTINGS: Record<string, string> = {
  Priority: "priority",
  "Virtual Router ID": "virtual_router_id",
  "Advert interval": "advert_int",
};

/** A number of the dump; VRRP version 3 counts its interval in parts of a second (`1000 milli-sec`). */
function inSeconds(value: string): string {
  const [number = "", unit] = value.split(" ");
  const parts = unit === "milli-sec" ? 1000 : unit === "centi-sec" ? 100 : 1;
  return String(Number(number) / parts);
}

function parseState(output: string[]): State {
  const instances: State["instances"] = {};
  const groups: Record<string, string[]> = {};
  const down = new Set<string>();
  const failing = new Set<string>();
  let instance: State["instances"][string] | undefined;
  let group: string[] = [];
  // Endpoints without their protocol, which follows them in the dump.
  let services: string[] = [];
  let protocol = "";
  let realServer: string | undefined;
  const undecided = new Set<string>();
  let check = { name: "", enabled: false };
  for (const line of output) {
    const [, key = "", value = ""] = /^([A-Za-z ]+?) = (.*)$/.exec(line) ?? [];
    if (key === "VRRP Instance") instances[value] = instance = { state: "", priority: 0, vips: [], settings: [] };
    else if (key === "State" && instance && instance.state === "") instance.state = value;
    else if (key in SETTINGS && instance) instance.settings.push(`${SETTINGS[key]} ${inSeconds(value)}`);
    else if (key === "Effective priority" && instance) instance.priority = Number(value);
    else if (key === "Last transition" && instance) instance.changed = parseFloat(value);
    else if (key === "Preempt" && value === "disabled" && instance) instance.settings.push("nopreempt");
    else if (line.startsWith("VIP ") && key !== "VIP" && key !== "VIP Range" && instance)
      instance.vips.push(line.split(" ")[1]!);
    else if (key === "Virtual Server Group") groups[value.split(",")[0]!] = group = [];
    else if (key === "VIP" || key === "VIP Range") group.push(...range(value));
    else if (key === "FWMARK") group.push(`fwmark ${value}`);
    else if (key.startsWith("VS ")) {
      [protocol, realServer] = ["", undefined];
      if (key === "VS VIP") services = range(value);
      else if (key === "VS FWMARK") services = [`fwmark ${value}`];
      else services = groups[/^\[(.*)\]/.exec(value)?.[1] ?? ""] ?? [];
    } else if (key === "protocol") protocol = value.toLowerCase();
    else if (line.startsWith("CHECK = ")) check = { name: line.slice("CHECK = ".length), enabled: false };
    else if (key === "Enabled") check.enabled = value === "yes";
    else if (key === "Has run" || key === "Retries iterations") {
      const open = value !== (key === "Has run" ? "yes" : "0");
      if (check.enabled && open) undecided.add(check.name);
    } else if (key === "RIP") realServer = range(value.replace(/, WEIGHT.*/, ""))[0]!;
    // `alive` of the service itself stands before its first real server; a disabled entry stays in the table (`RS set`).
    else if ((key === "RS set" || key === "alive") && realServer !== undefined && value === "0")
      for (const service of services)
        (key === "alive" ? failing : down).add(
          `${service.startsWith("fwmark ") ? service : `${protocol} ${service}`} ${realServer}`,
        );
  }
  // Keepalived writes no family beside a mark.
  const nameOf = (service: string, realServer: string) => `${service.replace(/ inet6$/, "")} ${realServer}`;
  return {
    alive: output[0] === "alive",
    instances,
    isDown: (service, realServer) => down.has(nameOf(service, realServer)),
    fails: (service, realServer) => failing.has(nameOf(service, realServer)),
    undecided: [...undecided],
    reloadCheck: output.some((line) => /^RELOAD CHECK Test config before reload$/.test(line)),
  };
}

/**
 * Whether a check, as keepalived calls it (`[192.0.2.1]:tcp:80 -> [192.0.2.11]:tcp:80`, `FWM 7 -> …`), is one of that real
 * server; in that service, when one is given.
 */
export function isCheckOf(check: string, realServer: string, service?: string): boolean {
  const [of = "", to = ""] = check.split(" -> ");
  const [kind, name = ""] = service?.split(" ") ?? [];
  const ofService = kind === undefined || (kind === "fwmark" ? of === `FWM ${name}` : placeOf(of) === name);
  return placeOf(to) === realServer && ofService;
}

/** The real server of a check, as the kernel's table calls it. */
export function realServerOf(check: string): string | undefined {
  return placeOf(check.split(" -> ")[1] ?? "");
}

function placeOf(said: string): string | undefined {
  const [, address, port] = /^\[([^\]]+)\]:.*:(\d+)$/.exec(said) ?? [];
  return address === undefined || port === undefined ? undefined : endpoint(address, port);
}

/** `192.0.2.1, VPORT = 80`, or with an IPv4 range `192.0.2.1-192.0.2.9`, as endpoints. */
function range(text: string): string[] {
  const [addresses = "", port = ""] = text.split(/, [VR]PORT = /);
  const [first = "", last] = addresses.split("-");
  if (last === undefined) return [endpoint(first, port)];
  const at = first.lastIndexOf(".") + 1;
  const [from, to] = [Number(first.slice(at)), Number(last.slice(last.lastIndexOf(".") + 1))];
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => `${first.slice(0, at)}${from + i}:${port}`);
}
