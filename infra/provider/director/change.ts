import { CommandError } from "../../host/errors.js";
import type { Host, Step } from "../../host/types.js";
import { address } from "../../linux/address.js";
import { file } from "../../linux/file.js";
import * as ipvs from "../../linux/ipvs.js";
import * as keepalived from "../../linux/keepalived.js";
import { floating } from "../../linux/keepalived-text.js";
import type { Query } from "../../linux/noun.js";
import { reload, restart, revive } from "../../linux/unit.js";
import type { FileWant, Table } from "../../plan/types.js";
import { batch, joined } from "../batch.js";
import type { Context } from "../kind.js";
import { withPassingFiles } from "../passing.js";
import { changeAll, keysOf, only, readAll, type Readings } from "../sections.js";
import { admit, arriving } from "./arrive.js";
import { drain, leaving } from "./drain.js";
import { configurationOf, daemonOf, UNITS, wants, type DirectorInputs } from "./inputs.js";
import { orphans } from "./orphans.js";
import { bringPeersBack, lookAtPeers, makeWay, type Peer } from "./peers.js";
import { settle } from "./settle.js";

/** Brings a director to its inputs without losing a connection that can be kept, and reads back what it then holds. */
export async function change(context: Context, host: Host, inputs: DirectorInputs, sight: Sight): Promise<void> {
  await (daemonOf(inputs) === "keepalived" ? reconfigure : fill)(context, host, inputs, sight);
}

/** A director before it is changed: files and unit, the kernel's table, what the daemon holds. */
export interface Sight {
  have: Readings;
  kernel: Table;
  daemon: keepalived.State;
}

/**
 * With keepalived: its own judgement of the new files first; real servers that leave run out of connections; those that
 * come are checked; then the files are replaced and keepalived reloads. What was there comes back when it does not hold them.
 */
async function reconfigure(context: Context, host: Host, inputs: DirectorInputs, sight: Sight): Promise<void> {
  const { have, kernel } = sight;
  let { daemon } = sight;
  const { table } = inputs;
  const want = wants(inputs);
  const changed = Object.keys(want.files).filter((path) => !file.equal(have.files![path]!, want.files[path]));
  if (changed.length > 0) await validate(context, host, want.files, changed);
  const unit = have.units![UNITS.keepalived];
  const wasActive = unit?.state === "present" && (unit.value as { active: boolean }).active;
  const texts = { present: textOf(have, want.files), wanted: configurationOf(want) };
  const leavers = wasActive ? leaving(kernel, table) : [];
  const reloads = changed.length > 0 && wasActive;
  let peers: Promise<Peer[]> | undefined;
  try {
    await drain(context, host, leavers, inputs.change);
    const turn = reloads ? await makeWay(context, inputs, texts, daemon) : "reload";
    let now = have;
    if (reloads && turn === "reload") {
      const comers = arriving(texts.present, texts.wanted, kernel);
      const [path] = changed;
      if (path !== undefined && Object.keys(comers).length > 0) {
        const news = { path, file: want.files[path]!, have: now.files![path]!, take: takingUp(daemon) };
        await admit(context, host, news, comers, inputs);
        [now, daemon] = await batch(host, [readAll(keysOf(want)), keepalived.state()], context);
      }
    }
    const last = turn === "stop" ? stop : takingUp(daemon);
    const steps = [...changeAll(now, want, {}), ...(reloads ? [last] : [])];
    await host.run(steps, { onStep: context.status, signal: context.signal });
    // Its peer starts it again, and looks at it then.
    if (turn === "stop") return;
    // Looked at while this one settles: it is another host.
    peers = lookAtPeers(context, inputs);
    const asked = joined([syncOf(inputs), address.read(inputs.vips)]);
    const { daemon: after, also } = await settle(context, host, texts.wanted, table, asked);
    const [wasSynced, addresses] = also;
    // It comes a moment after the table.
    const synced = wasSynced || (await batch(host, [syncOf(inputs)]))[0];
    if (!synced) await host.run([keepalived.settleSync(texts.wanted, after)]);
    const strays = await orphans(context, host, inputs, { there: addresses, daemon: after });
    const [there] = await batch(host, [address.read(strays)]);
    await host.run(strays.flatMap((key) => address.change(key, there[key]!, undefined)));
  } catch (error) {
    // Interrupted is not refused: the batch goes on over there, and the next `up` looks at what came of it.
    if (changed.length > 0 && !context.signal.aborted) {
      context.warn(`${host.name}: keepalived did not take the new configuration; putting the former one back`);
      const [now] = await batch(host, [readAll(keysOf(want))]);
      // Files first where it ran: systemd may be starting it again and again with the new ones.
      const former = wasActive ? only(have, (section) => section === "files") : have;
      await host.run([
        ...changeAll(now, {}, former),
        ...(wasActive ? revive(UNITS.keepalived, await isWhole(host, texts.present)) : []),
        // keepalived believes that these still have their weight.
        ...leavers.map(({ service, realServer, entry }): Step => ({
          ...ipvs.weigh(service, realServer, entry),
          accept: "any",
        })),
      ]);
      await bringPeersBack(context, inputs, texts.present);
    }
    throw error;
  }
  await bringPeersBack(context, inputs, texts.wanted, table, peers);
}

/** Whether all of keepalived runs: after a crash its main process starts a child again only after a while, up to minutes. */
async function isWhole(host: Host, text: string): Promise<boolean> {
  try {
    const [{ alive, instances }] = await batch(host, [keepalived.state()]);
    return alive && Object.keys(floating(text)).every((name) => name in instances);
  } catch (error) {
    // A child that does not answer is no whole daemon; a host that does not is told by what follows.
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/**
 * How the daemon takes a configuration: by a reload. One that had `reload_check_config` and is to lose it does not survive
 * that (2.2.7: the reload after it ends in a segmentation fault): it is started anew, while its peer has the VIPs.
 */
function takingUp({ reloadCheck }: keepalived.State): Step {
  return reloadCheck
    ? { ...restart(UNITS.keepalived), title: "restarting keepalived, which had reload_check_config" }
    : { ...reload(UNITS.keepalived), title: "reloading keepalived" };
}

const stop = { argv: ["systemctl", "--quiet", "stop", UNITS.keepalived], title: "stopping keepalived" };

/** What keepalived reads now, as one text. */
function textOf(have: Readings, files: Record<string, FileWant>): string {
  return Object.keys(files)
    .map((path) => have.files?.[path])
    .map((reading) => (reading?.state === "present" ? ((reading.value as { content?: string }).content ?? "") : ""))
    .join("\n");
}

/** Without keepalived: what is read at boot, and the kernel's table as it must be, at once. */
async function fill(
  context: Context,
  host: Host,
  inputs: DirectorInputs,
  { have, kernel: before }: Sight,
): Promise<void> {
  const { table } = inputs;
  const want = wants(inputs);
  await drain(context, host, leaving(before, table), inputs.change);
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
    const results = await withPassingFiles(
      context,
      host,
      [candidate],
      [
        ...users.steps,
        ...file.change(candidate, { state: "absent" }, { ...want, content: keepalived.testable(want.content) }),
        keepalived.validate(candidate),
      ],
    );
    const errors = [...users.parse(results), ...keepalived.classify(results.at(-1)!).errors];
    if (errors.length > 0)
      throw new Error(
        `${host.name}: ${path}: keepalived -t must accept it, got:\n${errors.join("\n")}\nNothing was replaced.`,
      );
  }
}

/** Whether the kernel's sync daemon is as wanted; it is no property of its own, since keepalived.conf says it. */
export function syncOf(inputs: DirectorInputs): Query<boolean> {
  if (daemonOf(inputs) !== "keepalived") return { steps: [], parse: () => true };
  return keepalived.syncInStep(configurationOf(inputs));
}
