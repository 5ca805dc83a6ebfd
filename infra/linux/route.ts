import type { Step } from "../host/types.js";
import type { RouteWant } from "../plan/types.js";
import { canonicalAddress } from "./canonical.js";
import type { Noun, Reading } from "./noun.js";
import { known } from "./reading.js";
import { lines, script } from "./script.js";

/** The route that is taken to a destination, and all routes to it in words that `ip route` takes again. */
export interface RouteHave extends RouteWant {
  /** Best first: `default via 192.0.2.1 dev eth0 proto dhcp metric 100`. */
  routes: string[];
}

const FIELDS = ["via", "dev", "src", "metric"] as const;
const TYPES = ["unicast", "local", "broadcast", "multicast", "throw", "unreachable", "prohibit", "blackhole"];
/** What `ip route show` says of a state, and does not take back. */
const STATES = /(^| )(linkdown|dead|offload|offload_failed|trap|rt_offload|rt_trap|cache|expires \S+)(?= |$)/g;

/**
 * Routes of the main table by destination: `default`, `default6`, `10.0.0.0/24`, `192.0.2.1/32`. The wanted one becomes the
 * preferred one; others of a higher metric stay.
 */
export const route: Noun<RouteWant, RouteHave> = {
  read(keys) {
    // Text and not JSON: only text can be given back to `ip route` with all that it says.
    const show = (family: string) => ({ argv: ["ip", family, "-o", "route", "show", "table", "main"] });
    return {
      steps: keys.length > 0 ? [show("-4"), show("-6")] : [],
      parse: (results) => {
        const [four = [], six = []] = results.map(({ stdout }) => lines(stdout).map(clean));
        return Object.fromEntries(keys.map((key) => [key, find(isSix(key) ? six : four, key)]));
      },
    };
  },

  // Only what the spec says is compared: the kernel fills in the rest by itself.
  equal(have, want) {
    if (want === undefined) return have.state === "absent";
    return have.state === "present" && fits(have.value, want);
  },

  change(key, have, want) {
    const now = known("routes", key, have);
    if (route.equal(now, want)) return [];
    const there = now.state === "present" ? now.value.routes : [];
    if (want === undefined) return there.map((line) => del(key, line));
    const fields = FIELDS.flatMap((field) => (want[field] === undefined ? [] : [field, String(want[field])]));
    const metric = want.metric ?? (isSix(key) ? 1024 : 0);
    // Where a network manager has put another of the same metric before it, that one goes: the kernel replaces none by one
    // that is there already.
    const at = there.findIndex((line) => fits(parse(line), { ...want, metric }));
    if (at >= 0) return there.slice(0, at).map((line) => del(key, line));
    return [
      // First, so that there is a way at any time; it takes the place of one with the same metric.
      { argv: [...command(key), "replace", key === "default6" ? "default" : key, ...fields] },
      ...there.filter((line) => metricOf(line) < metric).map((line) => del(key, line)),
    ];
  },

  restore(key, have, found) {
    if (found.state === "unreadable") return [];
    const now = known("routes", key, have);
    const is = now.state === "present" ? now.value.routes : [];
    const was = found.state === "present" ? found.value.routes : [];
    const lost = was.filter((line) => !is.includes(line));
    const further = is.filter((line) => !was.includes(line));
    // What comes back takes the place of the first one with its metric.
    const replaced = lost.map((line) => further.find((each) => metricOf(each) === metricOf(line)));
    return [
      ...lost.map((line) => ({ argv: [...command(key), "replace", ...line.split(" ")] })),
      ...further.filter((line) => !replaced.includes(line)).map((line) => del(key, line)),
    ];
  },
};

function isSix(key: string): boolean {
  return key === "default6" || key.includes(":");
}

function command(key: string): string[] {
  return ["ip", isSix(key) ? "-6" : "-4", "route"];
}

function del(key: string, line: string): Step {
  return script("remove-route", [isSix(key) ? "-6" : "-4", ...line.split(" ")]);
}

function clean(line: string): string {
  return line.replaceAll("\\", " ").replace(/\s+/g, " ").replace(STATES, "").trim();
}

function find(shown: string[], key: string): Reading<RouteHave> {
  const routes = shown.filter((line) => destinationOf(line) === shownAs(key));
  routes.sort((a, b) => metricOf(a) - metricOf(b));
  const [best] = routes;
  return best === undefined ? { state: "absent" } : { state: "present", value: { ...parse(best), routes } };
}

function destinationOf(line: string): string {
  const [first = "", second = ""] = line.split(" ");
  return TYPES.includes(first) ? second : first;
}

/** The kernel leaves out the prefix length of a single host, and calls everything `default`. */
function shownAs(key: string): string {
  const [address = "", length] = key.split("/");
  if (key === "default" || key === "default6" || length === "0") return "default";
  const whole = length === undefined || length === (isSix(key) ? "128" : "32");
  return whole ? canonicalAddress(address) : `${canonicalAddress(address)}/${length}`;
}

function parse(line: string): RouteWant {
  const after = (word: string) => new RegExp(` ${word} (\\S+)`).exec(line)?.[1];
  const metric = after("metric");
  const value = { via: after("via(?: inet6?)?"), dev: after("dev"), src: after("src") };
  return {
    ...Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)),
    ...(metric === undefined ? {} : { metric: Number(metric) }),
  };
}

function fits(have: RouteWant, want: RouteWant): boolean {
  return FIELDS.every((field) => want[field] === undefined || same(want[field], have[field]));
}

function metricOf(line: string): number {
  return parse(line).metric ?? 0;
}

function same(want: string | number, have: string | number | undefined): boolean {
  if (typeof want === "number") return want === (have ?? 0);
  return typeof have === "string" && canonicalAddress(want) === canonicalAddress(have);
}
