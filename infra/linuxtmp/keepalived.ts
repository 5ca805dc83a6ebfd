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

// The dump is written by each child on its own: it is whole when there is one per child and none grows any more. It
// may hold the password, so only the lines that are needed leave the host, and the files go.
const STATE = `
pid=$(cat /run/keepalived.pid 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = keepalived ] || exit 0
dumps="/tmp/keepalived.data /tmp/keepalived_check.data"
rm -f $dumps /tmp/keepalived_parent.data
kill -USR1 "$pid" || exit 0
children=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null | wc -w)
before= round=0
while [ "$round" -lt 50 ]; do
  sleep 0.1
  round=$((round + 1))
  now=$(wc -c $dumps 2>/dev/null | grep -v total)
  [ "$(printf %s "$now" | grep -c data)" -ge "$children" ] && [ "$now" = "$before" ] && break
  before=$now
done
echo alive
sed -n 's/^ *\\(VRRP Instance = \\|State = \\|Effective priority = \\)/\\1/p; s/^ *\\([^ ]* dev .* set\\)$/VIP \\1/p' /tmp/keepalived.data 2>/dev/null | sed '/UP,\\|DOWN/d'
sed -n 's/^ *\\(VS VIP = \\|VS FWMARK = \\|RIP = \\|protocol = \\|alive = \\)/\\1/p; s/^ *------< Real server.*/REAL/p' /tmp/keepalived_check.data 2>/dev/null
rm -f $dumps /tmp/keepalived_parent.data`;

/** Asks the daemon for what it holds (SIGUSR1, keepalived(8)). */
export function state(): Query<State> {
  return { steps: [script(STATE)], parse: (results) => parseState(lines(results[0]!.stdout)) };
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
