import { openHost } from "../host/pool.js";
import type { Connection, Host } from "../host/types.js";
import { facts, type Facts } from "../linux/facts.js";
import { batch } from "./batch.js";
import { connectionSecrets } from "./connection-secrets.js";
import { differences } from "./diff.js";
import { hostSteps } from "./foretell.js";
import { Journal } from "./journal.js";
import { alone } from "./lease.js";
import { labMachineState } from "./lab-kinds.js";
import { overwriting, overwritten } from "./overwrite.js";
import { PartialFailure, type Context, type Kind } from "./kind.js";
import {
  asInputs,
  changeAll,
  keysOf,
  mergeFound,
  only,
  outOfStep,
  readAll,
  refuseUnreadable,
  sectionNames,
  type Readings,
  type Wants,
} from "./sections.js";
import { isUnknown, unknown, type Properties } from "./values.js";

/** Opens the host of a resource; the pool shares one connection per host and run. */
export function hostOf(context: Context, inputs: Properties): Promise<Host> {
  return openHost(String(inputs["host"]), inputs["connection"] as unknown as Connection, { warn: context.warn });
}

/**
 * Another name is another host: the old one is given back before the new one is set up. So is a lab machine that was
 * made anew. A changed host key of any other host is no such sign: keys are rotated, and mistyped.
 */
export function otherMachine(olds: Properties, news: Properties): string[] {
  const was = olds["connection"] as Properties | undefined;
  const is = news["connection"] as Properties | undefined;
  const inLab = was?.["labMachine"] !== undefined && (isUnknown(is) || is?.["labMachine"] === was["labMachine"]);
  return [
    ...(isUnknown(news["host"]) || olds["host"] !== news["host"] ? ["host"] : []),
    ...(inLab && (isUnknown(is) || is?.["hostKey"] !== was["hostKey"]) ? ["connection"] : []),
  ];
}

/**
 * The answer of a refresh: inputs and outputs as they really are, with a line for each property that has moved. A host
 * that cannot be reached throws, except a lab machine that is known to be switched off: that is drift, and the next
 * `up` boots it and looks at it again.
 */
export async function refresh(
  context: Context,
  inputs: Properties,
  outputs: Properties,
  look: (host: Host) => Promise<Properties>,
) {
  const name = String(inputs["host"]);
  const machine = await labMachineState(inputs["connection"] as unknown as Connection);
  if (machine === "absent") return undefined;
  context.status("reading");
  const actual =
    machine === "stopped" ? { reachable: false } : { ...(await look(await hostOf(context, inputs))), reachable: true };
  for (const { path } of differences(inputs, { ...inputs, ...actual }))
    context.warn(`${name}: ${path} is not as it was set up`);
  return { inputs: { ...inputs, ...actual }, outputs: { ...outputs, ...actual } };
}

/** Brings a host to inputs from what was found on it earlier, and from the revision before; gives the outputs. */
type Apply = (
  context: Context,
  host: Host,
  inputs: Properties,
  found: Readings,
  revision: number,
) => Promise<Properties>;

/** What kinds do alike that keep nothing but sections: `create` and `update` are one way, from what is remembered. */
export function ofSections(
  wanted: (inputs: Properties) => Wants,
  apply: Apply,
): Required<Pick<Kind, "overwrites" | "create" | "update">> {
  return {
    async overwrites(context, inputs) {
      const want = wanted(inputs);
      const [have] = await batch(await hostOf(context, inputs), [readAll(keysOf(want))] as const, context);
      return overwriting(String(inputs["host"]), overwritten(have, want));
    },

    async create(context, inputs) {
      const outputs = await alone(context, await hostOf(context, inputs), (host) =>
        apply(context, host, inputs, {}, 0),
      );
      return { id: String(inputs["host"]), outputs };
    },

    async update(context, _id, olds, _oldInputs, news) {
      const found = (olds["found"] ?? {}) as Readings;
      const revision = Number(olds["revision"] ?? 0);
      return {
        outputs: await alone(context, await hostOf(context, news), (host) =>
          apply(context, host, news, found, revision),
        ),
      };
    },
  };
}

/** `lvs:index:Host`: what a host *is*: packages, files, modules, sysctls, addresses, routes and units. */
export const hostKind: Kind = {
  token: "lvs:index:Host",
  secrets: [...connectionSecrets, ["found"]],

  diff: (oldInputs, news) => ({ changes: differences(oldInputs, news), replace: otherMachine(oldInputs, news) }),

  planned: (inputs, olds) => ({ ...inputs, facts: olds?.["facts"] ?? unknown, revision: unknown, found: unknown }),

  foretell: (olds, oldInputs, news) =>
    hostSteps(
      differences(oldInputs, news).map(({ path }) => path),
      news,
      olds["facts"] as Facts | undefined,
    ),

  ...ofSections(wantsOf, apply),

  read: (context, _id, inputs, outputs) =>
    refresh(context, inputs, outputs, async (host) => {
      const want = wantsOf(inputs);
      const [have] = await batch(host, [readAll(keysOf(want))], context);
      return asInputs(have, want, context.warn) as Properties;
    }),

  async delete(context, _id, outputs) {
    await alone(context, await hostOf(context, outputs), (host) => giveBack(context, host, outputs));
  },
};

/** Puts back what was found. */
async function giveBack(context: Context, host: Host, outputs: Properties): Promise<void> {
  const found = (outputs["found"] ?? {}) as Readings;
  context.status("reading");
  const query = readAll(keysOf(found));
  const have = query.parse(await host.run(query.steps, { signal: context.signal }));
  context.status("restoring what was found");
  const steps = [...changeAll(have, {}, found), ...new Journal(context.urn).remove()];
  await host.run(steps, { onStep: context.status, signal: context.signal });
}

/** Brings the host to `inputs` in two round trips: read; then record, change and read back. */
async function apply(
  context: Context,
  host: Host,
  inputs: Properties,
  knownFound: Readings,
  oldRevision: number,
): Promise<Properties> {
  const want = wantsOf(inputs);
  const journal = new Journal<Readings>(context.urn);
  context.status("reading");
  const first = await batch(host, [journal.query(), facts(), readAll(keysOf(want, knownFound))] as const, context);
  const [entry, known] = first;
  let have = first[2];
  // Our record lives on the host: without it this is a machine that was installed anew, and all on it is its own.
  const older = entry.found === undefined ? {} : knownFound;
  const recorded = mergeFound(older, entry.found ?? {});
  if (count(recorded) > count(knownFound)) {
    // An interrupted run may have changed things that are no longer wanted: they have to be read and put back, too.
    [have] = await batch(host, [readAll(keysOf(want, recorded))] as const, context);
  }
  refuseUnreadable(host.name, have);

  const found = mergeFound(recorded, have);
  const leave = only(found, (section, key) => want[section]?.[key] === undefined);
  const kept = only(found, (section, key) => want[section]?.[key] !== undefined);
  const outputs = (revision: number, remembered: Readings): Properties => ({
    ...inputs,
    facts: known,
    revision,
    found: remembered,
  });
  let remembered = kept;
  try {
    const changes = [...journal.write(entry, found), ...changeAll(have, want, leave)];
    const after = readAll(keysOf(want));
    const results = await host.run([...changes, ...after.steps], { onStep: context.status, signal: context.signal });
    const wrong = outOfStep(after.parse(results.slice(changes.length)), want);
    if (wrong.length > 0)
      throw new Error(
        `${host.name}: changed, but it reads back differently, got ${wrong.join(", ")}. ` +
          `Look for something else on the host that sets it, then run up again.`,
      );
    if (count(leave) > 0) {
      // What was given up has been restored by now, so it leaves the record; but for modules that are still in use.
      const queries = [journal.query(), readAll({ modules: Object.keys(leave.modules ?? {}) })] as const;
      const [now, left] = await batch(host, queries, context);
      const inUse = only(leave, (section, key) => section === "modules" && stays(left, leave, key));
      remembered = mergeFound(kept, inUse);
      await host.run(journal.write(now, remembered));
    }
  } catch (error) {
    throw new PartialFailure(host.name, outputs(oldRevision, found), error as Error);
  }
  return outputs(oldRevision + 1, remembered);
}

/** A module that was to go: what a director serves still uses it, until it has changed as well. */
function stays(have: Readings, found: Readings, module: string): boolean {
  return have.modules?.[module]?.state === "present" && found.modules?.[module]?.state === "absent";
}

function wantsOf(inputs: Properties): Wants {
  return Object.fromEntries(sectionNames.map((name) => [name, inputs[name] ?? {}]));
}

function count(readings: Readings): number {
  return Object.values(keysOf(readings)).flat().length;
}
