import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "../host/types.js";
import { address } from "../linux/address.js";
import { file, type FileHave } from "../linux/file.js";
import * as ipvs from "../linux/ipvs.js";
import { revive } from "../linux/unit.js";
import type { FileWant, Table } from "../plan/types.js";
import { batch } from "./batch.js";
import { connectionSecrets } from "./connection-secrets.js";
import { differences } from "./diff.js";
import { change, syncOf } from "./director/change.js";
import { daemonOf, inputsOf, RULES, UNITS, wants, type DirectorInputs } from "./director/inputs.js";
import { orphans } from "./director/orphans.js";
import { stateOf, withUnhealthy } from "./health.js";
import { directorSteps } from "./foretell.js";
import { hostOf, otherMachine, refresh } from "./host-kind.js";
import { Journal } from "./journal.js";
import { alone } from "./lease.js";
import { overwriting, overwritten } from "./overwrite.js";
import { PartialFailure, type Context, type Kind } from "./kind.js";
import { asInputs, changeAll, keysOf, mergeFound, readAll, type Readings, type Wants } from "./sections.js";
import { hide } from "./secrets.js";
import { unknown, type Properties, type Value } from "./values.js";

/** What was there before us: files and unit, and the kernel's table. */
interface Found {
  readings: Readings;
  table: Table;
}

/** `lvs:index:Director`: what a director *serves*: keepalived's configuration, its daemon, the kernel's IPVS table. */
export const directorKind: Kind = {
  token: "lvs:index:Director",
  secrets: [
    ...connectionSecrets,
    ...connectionSecrets.map((path) => ["peers", "*", ...path]),
    ["secrets"],
    ["secrets", "*"],
    ["found"],
  ],

  // With another daemon it begins anew: the former one gives back what it took.
  diff: (oldInputs, news) => ({
    // How a change is made, and with whom, is none.
    changes: differences(oldInputs, news, ["change", "peers"]),
    replace: [...otherMachine(oldInputs, news), "daemon"],
  }),

  planned: (inputs) => ({ ...inputs, revision: unknown, found: unknown }),

  foretell: (_olds, oldInputs, news) =>
    directorSteps(inputsOf(oldInputs), inputsOf(news), oldInputs["running"] !== false),

  async overwrites(context, inputs) {
    const director = inputsOf(inputs);
    const want = wants(director);
    const queries = [readAll(keysOf(want)), ipvs.read()] as const;
    const [have, kernel] = await batch(await hostOf(context, inputs), queries, context);
    // On an empty table everything is new.
    const changes = Object.keys(kernel).length > 0 ? ipvs.difference(kernel, director.table).changes : [];
    const entries = changes.map((change) => `the kernel's table: ${change}`);
    return overwriting(director.host, [...overwritten(have, want), ...entries]);
  },

  async create(context, inputs) {
    const outputs = await alone(context, await hostOf(context, inputs), (host) =>
      apply(context, host, inputs, undefined, 0),
    );
    return { id: String(inputs["host"]), outputs };
  },

  async update(context, _id, olds, oldInputs, news) {
    const found = olds["found"] as unknown as Found | undefined;
    const revision = Number(olds["revision"] ?? 0);
    const wanted = withOldNames(news, oldInputs);
    return {
      outputs: await alone(context, await hostOf(context, news), (host) =>
        apply(context, host, wanted, found, revision),
      ),
    };
  },

  read: (context, _id, inputs, outputs) =>
    refresh(context, inputs, outputs, async (host) => {
      const director = inputsOf(inputs);
      const { files, secrets, table } = director;
      const want = wants(director);
      const queries = [readAll(keysOf(want)), ipvs.read(), stateOf(daemonOf(director)), syncOf(director)] as const;
      const [have, kernel, daemon, synced] = await batch(host, queries, context);
      const orphaned = await orphans(context, host, director);
      for (const key of orphaned) context.warn(`${host.name}: ${key} is on the host, which is not master of it`);
      const sections = asInputs(have, want, context.warn) as { files?: Record<string, FileHave>; units?: Properties };
      const visible = Object.entries(sections.files ?? {}).flatMap(([path, is]) =>
        files[path] === undefined ? [] : [[path, shown(is, files[path].content, secrets)]],
      );
      return {
        files: Object.fromEntries(visible) as Properties,
        // A real server that keepalived itself took out is health, not drift.
        table: withUnhealthy(kernel, table, daemon) as unknown as Value,
        running: daemonRuns(sections.units) && synced && orphaned.length === 0 && rulesAreKept(have, want),
      };
    }),

  async delete(context, _id, outputs) {
    await alone(context, await hostOf(context, outputs), (host) => giveBack(context, host, outputs));
  },
};

/** Puts back what was found: a daemon that ran before us goes on with its own files, and keeps its VIPs and table. */
async function giveBack(context: Context, host: Host, outputs: Properties): Promise<void> {
  const { readings, table } = outputs["found"] as unknown as Found;
  const { vips } = inputsOf(outputs);
  const unit = readings.units?.[UNITS.keepalived];
  const ran = unit?.state === "present" && (unit.value as { active: boolean }).active;
  context.status(
    ran ? "giving keepalived back its own configuration" : "stopping keepalived, restoring what was found",
  );
  const [have] = await batch(host, [readAll(keysOf(readings))], context);
  await host.run([...changeAll(have, {}, readings), ...(ran ? revive(UNITS.keepalived, true) : [])], {
    onStep: context.status,
    signal: context.signal,
  });
  if (ran) await untilRestored(context, host, table);
  // Read only now: keepalived takes its own addresses and services along when it stops.
  const [left, kernel] = await batch(host, [address.read(vips), ipvs.read()], context);
  await host.run([
    ...(ran ? [] : vips.flatMap((key) => address.change(key, left[key]!, undefined))),
    ...ipvs.difference(kernel, table).steps,
    ...new Journal(context.urn).remove(),
  ]);
}

/** Waits until keepalived itself has made the table that was found, at most for some seconds: the rest is put back by hand. */
async function untilRestored(context: Context, host: Host, table: Table): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const [kernel] = await batch(host, [ipvs.read()], context);
    if (ipvs.difference(kernel, table).changes.length === 0) return;
    await sleep(300, undefined, { signal: context.signal });
  }
}

/** Validates, replaces, reloads or starts, and reads back what the daemon and the kernel really hold. */
async function apply(
  context: Context,
  host: Host,
  inputs: Properties,
  knownFound: Found | undefined,
  oldRevision: number,
): Promise<Properties> {
  const director = inputsOf(inputs);
  const want = wants(director);
  const journal = new Journal<Found>(context.urn);
  context.status("reading");
  const queries = [
    journal.query(),
    readAll(keysOf(want, knownFound?.readings ?? {}, leftBehind(director))),
    ipvs.read(),
    stateOf(daemonOf(director)),
  ] as const;
  const [entry, have, kernel, daemon] = await batch(host, queries, context);
  // Our record lives on the host: without it this is a machine that was installed anew, and all on it is its own.
  const older = entry.found && (knownFound ?? entry.found);
  const found: Found = { readings: mergeFound(older?.readings ?? {}, have), table: older?.table ?? kernel };
  const outputs = (revision: number): Properties => ({ ...inputs, revision, found: found as unknown as Value });
  await host.run(journal.write(entry, found));
  try {
    await change(context, host, director, { have, kernel, daemon });
  } catch (error) {
    throw new PartialFailure(host.name, outputs(oldRevision), error as Error);
  }
  return outputs(oldRevision + 1);
}

/**
 * What keepalived changes by itself and may leave behind: the groups that may ping, for a check by ping. It puts them back
 * as they were at its last reload only (2.2.7).
 */
function leftBehind(director: DirectorInputs): Wants {
  return daemonOf(director) === "keepalived" ? { sysctls: { "net.ipv4.ping_group_range": undefined } } : {};
}

/** A real server that leaves is no longer named by the program. */
function withOldNames(news: Properties, oldInputs: Properties): Properties {
  const { change: now } = inputsOf(news);
  const names = { ...inputsOf(oldInputs).change?.names, ...now.names };
  return { ...news, change: { ...now, names } };
}

/** The rules for the next boot, which are no property of their own: they say again what `table` says. */
function rulesAreKept(have: Readings, want: Wants): boolean {
  const rules = want.files?.[RULES] as FileWant | undefined;
  return rules === undefined || file.equal(have.files?.[RULES] ?? { state: "absent" }, rules);
}

/** A file as a refresh may show it: without secrets, and not at all when it is no text that could be searched for them. */
function shown(is: FileHave, template: string, secrets: Record<string, string>): FileHave {
  if (!("content" in is)) return is;
  return { ...is, content: is.encoding ? "(not text, hidden)" : hide(is.content, template, secrets) };
}

function daemonRuns(units: Properties | undefined): boolean {
  const all = Object.values(units ?? {}) as { enabled?: boolean; active?: boolean }[];
  return all.length > 0 && all.every(({ enabled, active }) => enabled === true && active === true);
}
