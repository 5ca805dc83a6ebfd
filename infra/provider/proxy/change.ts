import { setTimeout as sleep } from "node:timers/promises";
import type { Host, Step } from "../../host/types.js";
import { file, type FileHave } from "../../linux/file.js";
import type { Reading } from "../../linux/noun.js";
import {
  complaints,
  configurations,
  state,
  unitOf,
  validate,
  type Engine,
  type ProxyState,
} from "../../linux/proxy.js";
import { reload, restart, revive } from "../../linux/unit.js";
import type { FileWant, UnitWant } from "../../plan/types.js";
import { batch } from "../batch.js";
import type { Context } from "../kind.js";
import { withPassingFiles } from "../passing.js";
import { changeAll, keysOf, only, readAll, type Readings } from "../sections.js";
import { isOurs, wants, type ProxyInputs } from "./inputs.js";

const UNITS = "/etc/systemd/";

/** Seconds that a proxy has to listen with a new configuration. */
const APPLY_SECONDS = 30;

/**
 * Brings a proxy to its inputs: package first, its own judgement of the new files, then the files, and a reload, in which the old
 * processes finish what they serve. `leave` is what is given up, as it was found. What was there comes back when it is not
 * taken.
 */
export async function change(
  context: Context,
  host: Host,
  inputs: ProxyInputs,
  sight: { have: Readings; leave: Readings },
): Promise<void> {
  const want = wants(inputs);
  const { engine, packages } = inputs;
  const { leave } = sight;
  let { have } = sight;
  const missing = Object.keys(packages).some((name) => have.packages?.[name]?.state !== "present");
  if (missing) {
    // Before the package, which starts what it brings: how the unit runs.
    const early = Object.fromEntries(Object.entries(want.files).filter(([path]) => path.startsWith(UNITS)));
    const steps = [...changeAll(have, { files: early }, {}), ...changeAll(have, { packages }, {})];
    await host.run(steps, { onStep: context.status, signal: context.signal });
    // What the package has brought is what comes back when ours is refused.
    [have] = await batch(host, [readAll(keysOf(want, leave))], context);
  }
  const changed = Object.keys(want.files).filter((path) => !file.equal(fileOf(have, path), want.files[path]));
  if (changed.length > 0) await judge(context, host, inputs, want.files, changed);
  const [before] = await batch(host, [state(engine)], context);
  const unit = have.units?.[unitOf(engine)];
  const active = unit?.state === "present" && (unit.value as UnitWant).active;
  const takes = active && changed.length > 0;
  const anew = !isOurs(textOf(fileOf(have, configurations[engine])));
  // One that runs and does not listen has lost its way, whatever its files say.
  const lost = active && !takes && !listensAll(inputs, before);
  const last =
    anew || lost
      ? { ...restart(unitOf(engine)), title: `starting ${engine} anew with a configuration of ours` }
      : { ...reload(unitOf(engine)), title: `reloading ${engine}` };
  try {
    const steps = [...changeAll(have, want, leave), ...(takes || lost ? [last] : [])];
    await host.run(steps, { onStep: context.status, signal: context.signal });
    await settle(context, host, inputs, takes ? before : undefined);
  } catch (error) {
    // Interrupted is not refused: the batch goes on over there, and the next `up` looks at what came of it.
    if (changed.length > 0 && !context.signal.aborted) {
      context.warn(`${host.name}: ${engine} did not take the new configuration; putting the former one back`);
      const [now] = await batch(host, [readAll(keysOf(want, leave))]);
      const former = active
        ? only(have, (section) => section === "files")
        : only(have, (section) => section !== "packages");
      await host.run([...changeAll(now, {}, former), ...(active ? revive(unitOf(engine), !anew) : [])]);
    }
    throw error;
  }
}

/**
 * The steps that give a host back what was found. A proxy that ran before us goes on with its own configuration, for which it
 * begins anew: it may listen in other ways.
 */
export function giveBack(engine: Engine, have: Readings, found: Readings): Step[] {
  const unit = found.units?.[unitOf(engine)];
  const ran = unit?.state === "present" && (unit.value as UnitWant).active;
  return [...changeAll(have, {}, found), ...(ran ? revive(unitOf(engine), false) : [])];
}

/** Lets the proxy judge the new files before any of them is in its place: they name each other by their candidates' paths. */
async function judge(
  context: Context,
  host: Host,
  { engine }: ProxyInputs,
  files: Record<string, FileWant>,
  changed: string[],
): Promise<void> {
  const path = configurations[engine];
  context.status(`letting ${engine} judge the configuration`);
  if (!changed.some(isRead)) return;
  // All of them: haproxy looks for a key beside its certificate. The longest first, since one path may begin another.
  const named = Object.keys(files)
    .filter(isRead)
    .sort((a, b) => b.length - a.length);
  const moved = (text: string) =>
    named.reduce(
      (now, each) => [";", " "].reduce((part, end) => part.replaceAll(each + end, candidate(each) + end), now),
      text,
    );
  const steps = named.flatMap((each) => {
    const want = files[each]!;
    const content = each === path ? moved(want.content) : want.content;
    return file.change(candidate(each), { state: "absent" }, { ...want, content });
  });
  const judged = [...steps, validate(engine, candidate(path))];
  const results = await withPassingFiles(context, host, named.map(candidate), judged);
  const errors = complaints(results.at(-1)!);
  if (errors.length > 0)
    throw new Error(
      `${host.name}: ${path}: ${engine} itself must accept it, got:\n${errors.join("\n")}\nNothing was replaced.`,
    );
}

/** Whether the proxy itself reads a file. */
function isRead(path: string): boolean {
  return path.startsWith("/etc/") && !path.startsWith(UNITS);
}

/** The name of a file before it is in its place. haproxy finds a key beside its certificate: `x.pem`, `x.pem.key`. */
function candidate(path: string): string {
  return path.endsWith(".key") ? `${path.slice(0, -".key".length)}.candidate.key` : `${path}.candidate`;
}

/** Waits until the proxy listens where it must, after a reload with a process that was not there before. */
async function settle(
  context: Context,
  host: Host,
  { engine, listen }: ProxyInputs,
  before: ProxyState | undefined,
): Promise<void> {
  const deadline = Date.now() + APPLY_SECONDS * 1000;
  for (;;) {
    const [now] = await batch(host, [state(engine)], context);
    const deaf = listen.filter((place) => !now.listens.includes(place));
    const old = before !== undefined && now.workers.every((pid) => before.workers.includes(pid));
    if (now.alive && deaf.length === 0 && !old) return;
    if (Date.now() > deadline)
      throw new Error(
        `${host.name}: ${engine} must serve the new configuration after ${APPLY_SECONDS} s, got ` +
          `${!now.alive ? "no living process" : old ? "only processes of the old one" : `nobody on ${deaf.join(", ")}`}. ` +
          `Look at "journalctl -u ${engine}" there.`,
      );
    context.status(`waiting until ${engine} serves the new configuration`);
    await sleep(300, undefined, { signal: context.signal });
  }
}

function listensAll({ listen }: ProxyInputs, { alive, listens }: ProxyState): boolean {
  return alive && listen.every((place) => listens.includes(place));
}

function fileOf(have: Readings, path: string): Reading<FileHave> {
  return have.files?.[path] ?? { state: "absent" };
}

function textOf(reading: Reading<FileHave>): string | undefined {
  return reading.state === "present" && "content" in reading.value ? reading.value.content : undefined;
}
