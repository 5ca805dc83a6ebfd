import type { Step } from "../host/types.js";
import type { Noun, Query, Reading } from "./noun.js";
import { known, unexpected, valueOf } from "./reading.js";
import { lines, script } from "./script.js";

/**
 * Runtime kernel parameters, keyed as in sysctl.d(5): when the first separator is a dot, a slash stands for a dot of an
 * interface name (`net.ipv4.conf.eth0/100.rp_filter`); when it is a slash, the key is the path
 * (`net/ipv4/conf/eth0.100/rp_filter`). White space within a value is read as single spaces; "0" is a value. A key
 * that does not exist (its module is not loaded) is absent; one that cannot be removed is never "absent" by a change.
 */
export const sysctl: Noun<string> = { read, change, restore, changeAll, restoreAll, equal };

/** The file of a key under /proc/sys. Throws for a key that is none. */
export function sysctlPath(key: string): string {
  const path = /^[^./]*\//.test(key) ? key : key.replace(/[./]/g, (separator) => (separator === "." ? "/" : "."));
  if (!/^[\w-]+(\/[\w.:@-]+)+$/.test(path) || /(^|\/)\.{1,2}(\/|$)/.test(path)) {
    throw new Error(
      `sysctls[${JSON.stringify(key)}]: must be a sysctl in dotted form. Write it as net.ipv4.ip_forward.`,
    );
  }
  return `/proc/sys/${path}`;
}

function read(keys: string[]): Query<Record<string, Reading<string>>> {
  return {
    steps: keys.length === 0 ? [] : [script("read-sysctls", keys.map(sysctlPath))],
    parse: (results) => {
      const answers = lines(results[0]?.stdout ?? "");
      if (answers.length !== keys.length) throw unexpected("reading sysctls", results[0]?.stdout ?? "");
      return Object.fromEntries(keys.map((key, i) => [key, reading(answers[i] ?? "")]));
    },
  };
}

function reading(line: string): Reading<string> {
  const [, kind, rest = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
  if (kind === "value") return { state: "present", value: rest };
  if (kind === "absent") return { state: "absent" };
  if (kind === "unreadable") return { state: "unreadable", reason: rest };
  throw unexpected("reading sysctls", line);
}

function change(key: string, have: Reading<string>, want: string | undefined): Step[] {
  return changeAll({ [key]: have }, { [key]: want });
}

function changeAll(haves: Record<string, Reading<string>>, wants: Record<string, string | undefined>): Step[] {
  return write(
    Object.entries(wants).flatMap(([key, want]): [string, string][] => {
      const have = known("sysctls", key, haves[key] ?? { state: "absent" });
      return want === undefined || equal(have, want) ? [] : [[key, normal(want)]];
    }),
  );
}

function restore(key: string, have: Reading<string>, found: Reading<string>): Step[] {
  return restoreAll({ [key]: have }, { [key]: found });
}

/** What is absent now went away with its module or device: there is nothing left to put back. */
function restoreAll(haves: Record<string, Reading<string>>, founds: Record<string, Reading<string>>): Step[] {
  return write(
    Object.entries(founds).flatMap(([key, found]): [string, string][] => {
      const value = valueOf(found);
      if (value === undefined) return [];
      const have = known("sysctls", key, haves[key] ?? { state: "absent" });
      return have.state === "absent" || have.value === value ? [] : [[key, value]];
    }),
  );
}

function write(values: [string, string][]): Step[] {
  if (values.length === 0) return [];
  const sorted = values.map(([key, value]) => ({ path: sysctlPath(key), value })).sort(byReach);
  return [
    script(
      "write-sysctls",
      sorted.flatMap(({ path, value }) => [path, value]),
      { title: "setting sysctls" },
    ),
  ];
}

/**
 * Far-reaching keys first: ip_forward resets the interfaces' parameters to the defaults of hosts or routers, and `all`
 * is copied to every interface for some keys (kernel `ip-sysctl`).
 */
function byReach(a: { path: string }, b: { path: string }): number {
  return reach(a.path) - reach(b.path) || (a.path < b.path ? -1 : 1);
}

function reach(path: string): number {
  const found = [/\/ip_forward$/, /\/conf\/all\/forwarding$/, /\/(conf|neigh)\/all\//, /\/(conf|neigh)\/default\//];
  const at = found.findIndex((pattern) => pattern.test(path));
  return at < 0 ? found.length : at;
}

function equal(have: Reading<string>, want: string | undefined): boolean {
  return want === undefined ? have.state !== "unreadable" : have.state === "present" && have.value === normal(want);
}

function normal(value: string): string {
  return value.trim().split(/\s+/).join(" ");
}
