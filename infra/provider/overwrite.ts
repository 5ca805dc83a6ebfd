import type { UnitWant } from "../plan/types.js";
import type { FileHave } from "../linux/file.js";
import { differing, type Readings, type Section, type Wants } from "./sections.js";

/**
 * What is there on a host and would be replaced by `want`, a line each: for a preview of a host that was set up by somebody
 * else. Contents are not shown: they may hold secrets that are not ours.
 */
export function overwritten(have: Readings, want: Wants): string[] {
  return differing(have, want).flatMap(({ name, section, is, want: wanted }) =>
    is.state === "present" ? [`${name}: ${shortly(section, is.value)} -> ${shortly(section, wanted)}`] : [],
  );
}

/** The lines under a heading that says what becomes of the things, or that there are none. */
export function overwriting(host: string, lines: string[]): string[] {
  if (lines.length === 0) return [`${host}: asked now: nothing that is there would be replaced.`];
  return [`${host}: asked now: this is there and would be replaced; it is kept, and put back by destroy:`, ...lines];
}

function shortly(section: Section, value: unknown): string {
  if (section === "sysctls") return String(value);
  if (section === "units") return unitWords(value as UnitWant);
  if (section !== "files") return JSON.stringify(value);
  const file = value as FileHave;
  if (!("content" in file)) return JSON.stringify(file);
  const lines = file.content.split("\n").length - 1;
  return `${file.encoding ? "a file that is no text" : `${lines} ${lines === 1 ? "line" : "lines"}`}, mode ${file.mode}`;
}

const unitWords = ({ enabled, active }: UnitWant) =>
  `${enabled ? "enabled" : "disabled"}, ${active ? "running" : "stopped"}`;
