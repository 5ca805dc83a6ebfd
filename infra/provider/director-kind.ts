import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "../host/types.js";
import { address } from "../linux/address.js";
import { file, type FileHave } from "../linux/file.js";
import * as ipvs from "../linux/ipvs.js";
import * as keepalived from "../linux/keepalived.js";
import type { Query } from "../linux/noun.js";
import { reload } from "../linux/unit.js";
import type { Daemon, FileWant, Table } from "../plan/types.js";
import { batch } from "./batch.js";
import { differences } from "./diff.js";
import { connectionSecrets } from "./connection-secrets.js";
import { hostOf, otherMachine, refresh } from "./host-kind.js";
import { Journal } from "./journal.js";
import { expected, stateOf, withUnhealthy } from "./health.js";
import { PartialFailure, type Context, type Kind } from "./kind.js";
import { asInputs, changeAll, keysOf, mergeFound, readAll, type Readings, type Wants } from "./sections.js";
import { fillFiles, hide } from "./secrets.js";
import { unknown, type Properties, type Value } from "./values.js";

const UNITS = { keepalived: "keepalived.service", ipvsadm: "lvs-table.service" } as const;
/** What `lvs-table.service` reads at boot. */
const RULES = "/etc/pulumi-lvs/ipvsadm.rules";
/** Seconds that keepalived has to hold a new configuration; its checks are not waited for. */
const APPLY_SECONDS = 30;

/** What was there before us: files and unit, and the kernel's table. */
interface Found {
  readings: Readings;
  table: Table;
}

interface DirectorInputs {
  host: string;
  /** keepalived when left out, as in states that are older than the choice. */
  daemon?: Daemon;
  files: Record<string, FileWant>;
  secrets: Record<string, string>;
  table: Table;
  vips: string[];
}

/** `lvs:index:Director`: what a director *serves*: keepalived's configuration, its daemon, the kernel's IPVS table. */
export const directorKind: Kind = {
  token: "lvs:index:Director",
  secrets: [...connectionSecrets, ["secrets"], ["secrets", "*"], ["found"]],

  // With another daemon it begins anew: the former one gives back what it took.
  diff: (oldInputs, news) => ({
    changes: differences(oldInputs, news),
    replace: [...otherMachine(oldInputs, news), "daemon"],
  }),

  planned: (inputs) => ({ ...inputs, revision: unknown, found: unknown }),

  async create(context, inputs) {
    return { id: String(inputs["host"]), outputs: await apply(context, inputs, undefined, 0) };
  },

  async update(context, _id, olds, _oldInputs, news) {
    const found = olds["found"] as unknown as Found | undefined;
    return { outputs: await apply(context, news, found, Number(olds["revision"] ?? 0)) };
  },

  read: (context, _id, inputs, outputs) =>
    refresh(context, inputs, outputs, async (host) => {
      const { files, secrets, table } = inputs as unknown as DirectorInputs;
      const want = wants(inputs);
      const queries = [readAll(keysOf(want)), ipvs.read(), stateOf(daemonOf(inputs)), syncOf(inputs)] as const;
      const [have, kernel, daemon, synced] = await batch(host, queries, context);
      const sections = asInputs(have, want, context.warn) as { files?: Record<string, FileHave>; units?: Properties };
      const visible = Object.entries(sections.files ?? {}).flatMap(([path, is]) =>
        files[path] === undefined ? [] : [[path, shown(is, files[path].content, secrets)]],
      );
      return {
        files: Object.fromEntries(visible) as Properties,
        // A real server that keepalived itself took out is health, not drift.
        table: withUnhealthy(kernel, table, daemon) as unknown as Value,
        running: daemonRuns(sections.units) && synced && rulesAreKept(have, want),
      };
    }),

  async delete(context, _id, outputs) {
    const host = await hostOf(context, outputs);
    const found = outputs["found"] as unknown as Found;
    const { vips } = outputs as unknown as DirectorInputs;
    context.status("stopping keepalived, restoring what was found");
    const [have] = await batch(host, [readAll(keysOf(found.readings))], context);
    await host.run(changeAll(have, {}, found.readings), { onStep: context.status, signal: context.signal });
    // Read only now: keepalived takes its own addresses and services along when it stops.
    const [left, kernel] = await batch(host, [address.read(vips), ipvs.read()], context);
    const restoresVip = (key: string) => found.readings.addresses?.[key]?.state === "present";
    await host.run([
      ...vips.filter((key) => !restoresVip(key)).flatMap((key) => address.change(key, left[key]!, undefined)),
      ...ipvs.difference(kernel, found.table).steps,
      ...new Journal(context.urn).remove(),
    ]);
  },
};

/** Validates, replaces, reloads or starts, and reads back what the daemon and the kernel really hold. */
async function apply(
  context: Context,
  inputs: Properties,
  knownFound: Found | undefined,
  oldRevision: number,
): Promise<Properties> {
  const host = await hostOf(context, inputs);
  const { table } = inputs as unknown as DirectorInputs;
  const want = wants(inputs);
  const journal = new Journal<Found>(context.urn);
  context.status("reading");
  const [entry, have, kernel] = await batch(
    host,
    [journal.query(), readAll(keysOf(want, knownFound?.readings ?? {})), ipvs.read()],
    context,
  );
  // Our record lives on the host: without it this is a machine that was installed anew, and all on it is its own.
  const older = entry.found && (knownFound ?? entry.found);
  const found: Found = { readings: mergeFound(older?.readings ?? {}, have), table: older?.table ?? kernel };
  const outputs = (revision: number): Properties => ({ ...inputs, revision, found: found as unknown as Value });
  await host.run(journal.write(entry, found));
  try {
    await (daemonOf(inputs) === "keepalived"
      ? bringToForce(context, host, inputs, have)
      : fill(context, host, want, have, table));
  } catch (error) {
    throw new PartialFailure(host.name, outputs(oldRevision), error as Error);
  }
  return outputs(oldRevision + 1);
}

/** Writes the new files only after keepalived itself has read them; what was there comes back when it does not hold them. */
async function bringToForce(context: Context, host: Host, inputs: Properties, have: Readings): Promise<void> {
  const { table } = inputs as unknown as DirectorInputs;
  const want = wants(inputs);
  const wantFiles = want.files as Record<string, FileWant>;
  const changed = Object.keys(wantFiles).filter((path) => !file.equal(have.files![path]!, wantFiles[path]));
  if (changed.length > 0) await validate(context, host, wantFiles, changed);
  const unit = have.units![UNITS.keepalived];
  const wasActive = unit?.state === "present" && (unit.value as { active: boolean }).active;
  const signal =
    changed.length > 0 && wasActive ? [{ ...reload(UNITS.keepalived), title: "reloading keepalived" }] : [];
  try {
    await host.run([...changeAll(have, want, {}), ...signal], { onStep: context.status, signal: context.signal });
    const daemon = await settle(context, host, table);
    const [synced] = await batch(host, [syncOf(inputs)]);
    if (!synced) await host.run([keepalived.settleSync(configurationOf(inputs), daemon)]);
  } catch (error) {
    // Interrupted is not refused: the batch goes on over there, and the next `up` looks at what came of it.
    if (changed.length > 0 && !context.signal.aborted) {
      context.warn(`${host.name}: keepalived did not take the new configuration; putting the former one back`);
      const [now] = await batch(host, [readAll(keysOf(want))]);
      await host.run([...changeAll(now, {}, have), ...(wasActive ? [reload(UNITS.keepalived)] : [])]);
    }
    throw error;
  }
}

/** Without keepalived: what is read at boot, and the kernel's table as it must be, at once. */
async function fill(context: Context, host: Host, want: Wants, have: Readings, table: Table): Promise<void> {
  await host.run(changeAll(have, want, {}), { onStep: context.status, signal: context.signal });
  const [kernel] = await batch(host, [ipvs.read()], context);
  await host.run(ipvs.difference(kernel, table).steps, { signal: context.signal });
  const [after] = await batch(host, [ipvs.read()], context);
  const { changes } = ipvs.difference(after, table);
  if (changes.length > 0)
    throw new Error(
      `${host.name}: the kernel's table must be as described, got these differences: ${changes.join("; ")}. ` +
        `Look for something else on the host that changes it, then run up again.`,
    );
}

async function validate(
  context: Context,
  host: Host,
  files: Record<string, FileWant>,
  changed: string[],
): Promise<void> {
  context.status("checking the configuration with keepalived -t");
  for (const path of changed) {
    const candidate = `${path}.candidate`;
    const want = files[path]!;
    const users = keepalived.scriptUsers(want.content);
    const results = await host.run([
      ...users.steps,
      ...file.change(candidate, { state: "absent" }, { ...want, content: keepalived.testable(want.content) }),
      keepalived.validate(candidate),
      { argv: ["rm", "-f", candidate] },
    ]);
    const errors = [...users.parse(results), ...keepalived.classify(results.at(-2)!).errors];
    if (errors.length > 0)
      throw new Error(
        `${host.name}: ${path}: keepalived -t must accept it, got:\n${errors.join("\n")}\nNothing was replaced.`,
      );
  }
}

/** Waits until the kernel holds what is wanted, and puts back entries that keepalived believes to be there. */
async function settle(context: Context, host: Host, table: Table): Promise<keepalived.State> {
  const deadline = Date.now() + APPLY_SECONDS * 1000;
  for (let round = 0; ; round += 1) {
    context.status("comparing the kernel's table");
    const [kernel, daemon] = await batch(host, [ipvs.read(), keepalived.state()], context);
    if (!daemon.alive && round > 3)
      throw new Error(
        `${host.name}: keepalived must run, got no live daemon. Look at "journalctl -u keepalived" there.`,
      );
    const { changes, steps } = ipvs.difference(kernel, expected(table, daemon));
    if (daemon.alive && changes.length === 0) return daemon;
    if (Date.now() > deadline)
      throw new Error(
        `${host.name}: the kernel's table must equal the configuration after ${APPLY_SECONDS} s, ` +
          `got these differences: ${changes.join("; ")}. Look at "journalctl -u keepalived" there.`,
      );
    // A reload does not restore entries deleted by hand (acassen/keepalived#1877); give it a moment to do its own first.
    if (round >= 3) await host.run(steps);
    await sleep(500, undefined, { signal: context.signal });
  }
}

function daemonOf(inputs: Properties): Daemon {
  return (inputs as unknown as DirectorInputs).daemon ?? "keepalived";
}

function wants(inputs: Properties): Wants {
  const { files, secrets, table } = inputs as unknown as DirectorInputs;
  const daemon = daemonOf(inputs);
  const rules = { content: `${ipvs.rules(table).join("\n")}\n`, mode: "0644", owner: "root", group: "root" };
  return {
    files: { ...fillFiles(files, secrets), ...(daemon === "ipvsadm" && { [RULES]: rules }) },
    units: { [UNITS[daemon]]: { enabled: true, active: true } },
  };
}

/** All that keepalived reads, as one text. */
function configurationOf(inputs: Properties): string {
  const { files } = inputs as unknown as DirectorInputs;
  return Object.values(files)
    .map(({ content }) => content)
    .join("\n");
}

/** Whether the kernel's sync daemon is as wanted; it is no property of its own, since keepalived.conf says it. */
function syncOf(inputs: Properties): Query<boolean> {
  if (daemonOf(inputs) !== "keepalived") return { steps: [], parse: () => true };
  return keepalived.syncInStep(configurationOf(inputs));
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
