import type { Step, StepResult } from "../host/types.js";
import type { Noun, Query, Reading } from "../linux/noun.js";
import { address } from "../linux/address.js";
import { file } from "../linux/file.js";
import { reloadFirewalld } from "../linux/firewalld-rule.js";
import { link } from "../linux/link.js";
import { module } from "../linux/module.js";
import { packages } from "../linux/package.js";
import { route } from "../linux/route.js";
import { rule } from "../linux/rule.js";
import { sysctl } from "../linux/sysctl.js";
import { daemonReload, restart, unit } from "../linux/unit.js";
import type { FileWant, UnitWant } from "../plan/types.js";
import type { Properties } from "./values.js";

// Each noun has a Want of its own; here they are handled alike, so the maps are typed by the section's name only.
type AnyNoun = Noun<any, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
type AnyReading = Reading<any>; // eslint-disable-line @typescript-eslint/no-explicit-any

/** The nouns of a host in the order in which they are set up; removal goes the other way (pitfall 2: sysctls before VIPs). */
export const sections = {
  packages,
  files: file,
  modules: module,
  links: link,
  sysctls: sysctl,
  rules: rule,
  addresses: address,
  routes: route,
  units: unit,
} satisfies Record<string, AnyNoun>;

export type Section = keyof typeof sections;
export const sectionNames = Object.keys(sections) as Section[];

/** What is wanted of a host: a map per section; a key that is absent from a map is not ours. */
export type Wants = Partial<Record<Section, Record<string, unknown>>>;
/** What was read, or found before the first change: a reading per key. */
export type Readings = Partial<Record<Section, Record<string, AnyReading>>>;

/** Reads every key of the given maps in one batch. */
export function readAll(keys: Partial<Record<Section, string[]>>): Query<Readings> {
  const queries = sectionNames
    .filter((name) => (keys[name]?.length ?? 0) > 0)
    .map((name) => ({ name, query: (sections[name] as AnyNoun).read([...keys[name]!].sort()) }));
  return {
    steps: queries.flatMap(({ query }) => query.steps),
    parse: (results: StepResult[]) => {
      const readings: Readings = {};
      let at = 0;
      for (const { name, query } of queries) {
        readings[name] = query.parse(results.slice(at, at + query.steps.length));
        at += query.steps.length;
      }
      return withComing(readings);
    },
  };
}

/** An address on a device that is wanted and not there yet is absent: it comes when the device has come. */
function withComing(readings: Readings): Readings {
  const { addresses, links = {} } = readings;
  if (addresses === undefined) return readings;
  const comes = (key: string) => links[key.split(" ")[0] ?? ""]?.state === "absent";
  return {
    ...readings,
    addresses: Object.fromEntries(
      Object.entries(addresses).map(([key, reading]): [string, AnyReading] => [
        key,
        reading.state === "unreadable" && comes(key) ? { state: "absent" } : reading,
      ]),
    ),
  };
}

/** The keys of wants, found readings or both. */
export function keysOf(...maps: (Wants | Readings)[]): Partial<Record<Section, string[]>> {
  return Object.fromEntries(
    sectionNames.map((name) => [name, [...new Set(maps.flatMap((map) => Object.keys(map[name] ?? {})))].sort()]),
  );
}

/** What `want` differs from in `have`, as `section["key"]`; empty when the host is in step. */
export function outOfStep(have: Readings, want: Wants): string[] {
  return differing(have, want).map(({ name }) => name);
}

/** A thing that is not as it is wanted; `name` as {@link outOfStep} gives it. */
export interface Differing {
  name: string;
  section: Section;
  key: string;
  is: AnyReading;
  want: unknown;
}

/** What `want` differs from in `have`. */
export function differing(have: Readings, want: Wants): Differing[] {
  return sectionNames.flatMap((section) =>
    Object.entries(want[section] ?? {}).flatMap(([key, wanted]) => {
      const is = reading(have, section, key);
      if ((sections[section] as AnyNoun).equal(is, wanted)) return [];
      return [{ name: `${section}[${JSON.stringify(key)}]`, section, key, is, want: wanted }];
    }),
  );
}

/**
 * The steps from `have` to `want`: what is given up (in `leave`, with what was found before us) goes first and in
 * reverse order, then everything wanted is set up in order.
 */
export function changeAll(have: Readings, want: Wants, leave: Readings): Step[] {
  const removal = [...sectionNames].reverse().flatMap((name) => restoreSection(name, have, leave[name] ?? {}));
  const setUp = sectionNames.flatMap((name) => changeSection(name, have, want[name] ?? {}));
  const steps = [...removal, ...setUp, ...restarts(have, want)];
  return steps.length > 0 ? [...steps, onDisk] : [];
}

/** What a package manager or systemd has just written would be lost, or half lost, in a power cut within the next half minute. */
const onDisk: Step = { argv: ["sync", "-f", "/etc", "/var"], timeoutSeconds: 300 };

/**
 * Restarts what runs with another content of a file that it reads at its start only: because it ran before, or because a
 * package of the same batch has started it before the file was there.
 */
function restarts(have: Readings, want: Wants): Step[] {
  const files = Object.entries(want.files ?? {});
  const changed = files.filter(([path, file]) => !sections.files.equal(reading(have, "files", path), file as FileWant));
  const paths = changed.map(([path]) => path);
  return Object.entries((want.units ?? {}) as Record<string, UnitWant>)
    .filter(([, { active, restartOn = [] }]) => active && restartOn.some((path) => paths.includes(path)))
    .filter(([name]) => {
      const was = reading(have, "units", name) as Reading<UnitWant>;
      const fromPackage = was.state === "absent" && want.files?.[`/etc/systemd/system/${name}`] === undefined;
      return fromPackage || (was.state === "present" && was.value.active);
    })
    .map(([name]) => restart(name));
}

function changeSection(name: Section, have: Readings, want: Record<string, unknown>): Step[] {
  const noun = sections[name] as AnyNoun;
  const keys = Object.keys(want).sort();
  const readings = Object.fromEntries(keys.map((key) => [key, reading(have, name, key)]));
  const steps = noun.changeAll?.(readings, want) ?? keys.flatMap((key) => noun.change(key, readings[key]!, want[key]));
  return withReload(
    name,
    steps,
    keys.filter((key) => !noun.equal(readings[key]!, want[key])),
  );
}

function restoreSection(name: Section, have: Readings, found: Record<string, AnyReading>): Step[] {
  const noun = sections[name] as AnyNoun;
  const keys = Object.keys(found).sort().reverse();
  const readings = Object.fromEntries(keys.map((key) => [key, reading(have, name, key)]));
  if (noun.restoreAll) return noun.restoreAll(readings, found);
  const steps = keys.map((key) => ({ key, steps: noun.restore(key, readings[key]!, found[key]!) }));
  return withReload(
    name,
    steps.flatMap((each) => each.steps),
    steps.filter((each) => each.steps.length > 0).map(({ key }) => key),
  );
}

function reading(have: Readings, name: Section, key: string): AnyReading {
  return have[name]?.[key] ?? { state: "absent" };
}

/** systemd reads unit files only when told; a changed file without that is started in its old form. */
function withReload(name: Section, steps: Step[], changed: string[]): Step[] {
  const touchesUnits =
    name === "files" && changed.some((path) => /^\/(etc|usr\/lib|run)\/systemd\/system\//.test(path));
  // firewalld, too, has read its files at its start.
  const touchesPolicies = name === "files" && changed.some((path) => path.startsWith("/etc/firewalld/"));
  if (steps.length === 0) return steps;
  return [...steps, ...(touchesUnits ? [daemonReload()] : []), ...(touchesPolicies ? [reloadFirewalld()] : [])];
}

/**
 * First findings win: what an earlier, interrupted run recorded is older than what is read now. What is found only now may
 * be there because of what was recorded before.
 */
export function mergeFound(older: Readings, newer: Readings): Readings {
  return Object.fromEntries(
    sectionNames
      .map((name) => {
        const olders = Object.values(older[name] ?? {});
        const found = Object.entries(newer[name] ?? {}).map(([key, reading]): [string, AnyReading] => [
          key,
          (sections[name] as AnyNoun).inherit?.(key, reading, olders) ?? reading,
        ]);
        return [name, { ...Object.fromEntries(found), ...older[name] }] as const;
      })
      .filter(([, map]) => Object.keys(map).length > 0),
  );
}

/** The readings for which `keep` is true. */
export function only(readings: Readings, keep: (section: Section, key: string) => boolean): Readings {
  return Object.fromEntries(
    sectionNames
      .map(
        (name) =>
          [name, Object.fromEntries(Object.entries(readings[name] ?? {}).filter(([key]) => keep(name, key)))] as const,
      )
      .filter(([, map]) => Object.keys(map).length > 0),
  );
}

/** Throws, naming every reading that says nothing: changing what cannot be read could not be undone. */
export function refuseUnreadable(host: string, have: Readings): void {
  const reasons = sectionNames.flatMap((name) =>
    Object.entries(have[name] ?? {}).flatMap(([key, reading]) =>
      reading.state === "unreadable" ? [`${name}[${JSON.stringify(key)}]: cannot be read, got ${reading.reason}.`] : [],
    ),
  );
  if (reasons.length > 0) throw new Error(`${host}: nothing was changed.\n${reasons.join("\n")}`);
}

/** What was read, in the shape of inputs: the next preview shows it as a difference from the program. */
export function asInputs(have: Readings, want: Wants, warn: (message: string) => void): Wants {
  return Object.fromEntries(
    sectionNames
      // A section in which nothing is wanted was perhaps not given at all: it is not added here.
      .filter((name) => Object.keys(want[name] ?? {}).length > 0)
      .map((name) => {
        const entries = Object.entries(want[name]!).flatMap(([key, wanted]): [string, unknown][] => {
          const reading = have[name]?.[key] ?? { state: "absent" as const };
          if (reading.state === "absent") return [];
          if (reading.state === "unreadable") {
            warn(`${name}[${JSON.stringify(key)}]: cannot be read, got ${reading.reason}; kept as it was`);
            return [[key, wanted]];
          }
          // `equal` first: what only reads differently (an order, a default) must not show as drift.
          return [
            [
              key,
              (sections[name] as AnyNoun).equal(reading, wanted)
                ? wanted
                : inWords(name, reading.value as Properties, wanted as Properties),
            ],
          ];
        });
        return [name, Object.fromEntries(entries)];
      }),
  );
}

/** A reading in the words of the program: what only the host says of a thing would look in a preview as if given up. */
function inWords(name: Section, value: Properties, wanted: Properties): Properties {
  if (name === "units") return { ...wanted, enabled: value["enabled"]!, active: value["active"]! };
  // The kernel fills in what the program leaves open.
  if (name === "routes") return Object.fromEntries(Object.entries(value).filter(([field]) => field in wanted));
  return value;
}
