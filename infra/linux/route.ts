import type { RouteWant } from "../plan/types.js";
import type { Noun, Reading } from "./noun.js";
import { known } from "./reading.js";

interface Route {
  dst: string;
  gateway?: string;
  dev?: string;
  prefsrc?: string;
  metric?: number;
}

const FIELDS = ["via", "dev", "src", "metric"] as const;

/** Routes of the main table by destination: `default`, `default6`, `10.0.0.0/24`, `192.0.2.1/32`. */
export const route: Noun<RouteWant> = {
  read(keys) {
    const show = (family: string) => ({ argv: ["ip", family, "-j", "route", "show", "table", "main"] });
    return {
      steps: keys.length > 0 ? [show("-4"), show("-6")] : [],
      parse: (results) => {
        const four = JSON.parse(results[0]?.stdout.trim() || "[]") as Route[];
        const six = JSON.parse(results[1]?.stdout.trim() || "[]") as Route[];
        return Object.fromEntries(keys.map((key) => [key, find(isSix(key) ? six : four, key)]));
      },
    };
  },

  // Only what the spec says is compared: the kernel fills in the rest by itself.
  equal(have, want) {
    if (want === undefined) return have.state === "absent";
    return have.state === "present" && FIELDS.every((f) => want[f] === undefined || want[f] === have.value[f]);
  },

  change(key, have, want) {
    known("routes", key, have);
    if (route.equal(have, want)) return [];
    const command = ["ip", isSix(key) ? "-6" : "-4", "route"];
    const destination = key === "default6" ? "default" : key;
    if (want === undefined) return [{ argv: [...command, "delete", destination] }];
    const fields = FIELDS.flatMap((field) => (want[field] === undefined ? [] : [field, String(want[field])]));
    return [{ argv: [...command, "replace", destination, ...fields] }];
  },

  restore(key, have, found) {
    if (found.state === "unreadable") return [];
    return route.change(key, have, found.state === "present" ? found.value : undefined);
  },
};

function isSix(key: string): boolean {
  return key === "default6" || key.includes(":");
}

function find(routes: Route[], key: string): Reading<RouteWant> {
  // The kernel leaves out the prefix length of a host route.
  const destination = key === "default6" ? "default" : key.replace(/\/32$/, "").replace(/\/128$/, "");
  const found = routes.find(({ dst }) => dst === destination || dst === key);
  if (!found) return { state: "absent" };
  const { gateway, dev, prefsrc, metric } = found;
  const value = { via: gateway, dev, src: prefsrc, metric };
  return {
    state: "present",
    value: Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)),
  };
}
