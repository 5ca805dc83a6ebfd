import Table from "cli-table3";
import type { Look, Paint } from "./paint.js";
import type { DirectorStatus, RealServerStatus } from "./schema.js";

/** What stands for a number that nobody knows. */
export const NONE = "-";
export const RATES = ["conn/s", "pkt/s in", "out", "B/s in", "out"];
const NUMBERS = new Set(["priority", "weight", "active", "inactive", "total", "per s", ...RATES]);

export const HEALTH: Record<RealServerStatus["health"], Look> = {
  up: "good",
  down: "bad",
  checking: "doubtful",
  unchecked: "dim",
  unknown: "doubtful",
};

/** VRRP's state and effective priority of a director. */
export function vrrpCells({ daemon, running, instances }: DirectorStatus, paint: Paint): [string, string] {
  const states = instances.map(({ instance, state }) => {
    const look = state === "MASTER" ? "good" : state === "BACKUP" ? "dim" : "bad";
    return `${instance} ${paint(look, state)}`;
  });
  const none = daemon === "keepalived" ? paint("bad", running ? "no instance" : "keepalived does not run") : "without";
  const priorities = [...new Set(instances.map(({ priority }) => priority))].join(", ");
  return [states.join(", ") || none, priorities];
}

/** `950`, `1.2k`, `34M`: three figures at most, so that columns stay where they are. */
export function short(number: number): string {
  const units = ["", "k", "M", "G", "T"];
  let unit = 0;
  while (number >= 999.5 && unit < units.length - 1) [number, unit] = [number / 1000, unit + 1];
  return `${unit > 0 && number < 9.95 ? number.toFixed(1) : Math.round(number)}${units[unit]}`;
}

/** Columns of text, numbers at their right ends. */
export function table(titles: string[], rows: string[][], paint: Paint): string {
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

/** `12 s`, `3 min`, `5 h 20 min`, `12 d 3 h`. */
export function duration(seconds: number): string {
  const [s, min, h] = [Math.floor(seconds), Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  if (s < 60) return `${s} s`;
  if (min < 60) return `${min} min ${s % 60} s`;
  if (h < 24) return `${h} h ${min % 60} min`;
  return `${Math.floor(h / 24)} d ${h % 24} h`;
}
