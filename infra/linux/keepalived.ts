import type { Step, StepResult } from "../host/types.js";
import type { Query } from "./noun.js";
import { lines, script } from "./script.js";

/** What `keepalived -t` said of a configuration. */
export interface Judgement {
  errors: string[];
  warnings: string[];
}

/** The step that lets keepalived read a configuration without running it. */
export function validate(path: string): Step {
  return { argv: ["keepalived", "-t", "-f", path], accept: "any" };
}

/**
 * Sorts the messages of `keepalived -t`: its exit code alone is not to be trusted, it is 0 for an empty file and a
 * missing include, and 5 for mere warnings (seen with 2.2.7).
 */
export function classify(result: StepResult): Judgement {
  const messages = lines(`${result.stdout}\n${result.stderr}`);
  const fatal =
    /unknown keyword|missing|unmatched|invalid|cannot|unable|no such|expected|not found|error|too many|incomplete/i;
  const errors = messages.filter((message) => fatal.test(message));
  if (result.code !== 0 && result.code !== 5 && errors.length === 0)
    return { errors: messages.length > 0 ? messages : [`keepalived -t exited ${result.code}`], warnings: [] };
  return { errors, warnings: messages.filter((message) => !fatal.test(message)) };
}

/** What the running daemon holds. */
export interface State {
  /** Main process and its children run. */
  alive: boolean;
  /** VRRP instances by name. */
  instances: Record<string, { state: string; priority: number; vips: string[] }>;
  /** True for a real server that keepalived's checks have taken out of a service. */
  isDown(service: string, realServer: string): boolean;
}

/** Asks the daemon for what it holds (SIGUSR1, keepalived(8)). */
export function state(): Query<State> {
  return {
    steps: [script("read-keepalived", [], { timeoutSeconds: 20 })],
    parse: (results) => parseState(lines(results[0]!.stdout)),
  };
}

function parseState(output: string[]): State {
  const instances: State["instances"] = {};
  const down = new Set<string>();
  let instance: State["instances"][string] | undefined;
  let service = "";
  let endpoint = "";
  let realServer = "";
  for (const line of output) {
    const [, key = "", value = ""] = /^([A-Za-z ]+?) = (.*)$/.exec(line) ?? [];
    if (key === "VRRP Instance") instances[value] = instance = { state: "", priority: 0, vips: [] };
    else if (key === "State" && instance && instance.state === "") instance.state = value;
    else if (key === "Effective priority" && instance) instance.priority = Number(value);
    else if (line.startsWith("VIP ") && instance) instance.vips.push(line.split(" ")[1]!);
    else if (key === "VS VIP") [endpoint, realServer] = [value.replace(", VPORT = ", " "), ""];
    else if (key === "VS FWMARK") [service, realServer] = [`fwmark ${value}`, ""];
    else if (key === "protocol") service = `${value.toLowerCase()} ${join(endpoint)}`;
    else if (key === "RIP") realServer = join(value.split(",").slice(0, 2).join(",").replace(", RPORT = ", " "));
    else if (key === "alive" && realServer !== "" && value === "0") down.add(`${service} ${realServer}`);
  }
  return { alive: output[0] === "alive", instances, isDown: (vs, rs) => down.has(`${vs} ${rs}`) };
}

function join(pair: string): string {
  const [address = "", port = ""] = pair.split(" ");
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
