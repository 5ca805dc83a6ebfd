import type { Host } from "../host/types.js";
import { file, type FileHave } from "../linux/file.js";
import type { Reading } from "../linux/noun.js";
import { state } from "../linux/proxy.js";
import type { UnitWant } from "../plan/types.js";
import { batch } from "./batch.js";
import { connectionSecrets } from "./connection-secrets.js";
import { differences } from "./diff.js";
import { proxySteps } from "./foretell.js";
import { hostOf, ofSections, otherMachine, refresh } from "./host-kind.js";
import { Journal } from "./journal.js";
import { PartialFailure, type Context, type Kind } from "./kind.js";
import { alone } from "./lease.js";
import { change, giveBack } from "./proxy/change.js";
import { inputsOf, wants } from "./proxy/inputs.js";
import { asInputs, keysOf, mergeFound, only, readAll, refuseUnreadable, type Readings } from "./sections.js";
import { unknown, type Properties, type Value } from "./values.js";

/**
 * `lvs:index:Proxy`: what the proxy of a director serves. Package, files and unit are in one resource, so that they come in the order in which
 * the proxy can judge what is written, and go together, whatever becomes of the host.
 */
export const proxyKind: Kind = {
  token: "lvs:index:Proxy",
  secrets: [...connectionSecrets, ["secrets"], ["secrets", "*"], ["found"]],

  // Another proxy begins anew: it could not listen where the former one still does.
  diff: (oldInputs, news) => ({
    changes: differences(oldInputs, news),
    replace: [...otherMachine(oldInputs, news), "engine"],
  }),

  planned: (inputs) => ({ ...inputs, revision: unknown, found: unknown }),

  foretell: (_olds, oldInputs, news) => proxySteps(inputsOf(oldInputs), inputsOf(news), oldInputs["running"] !== false),

  ...ofSections((inputs) => wants(inputsOf(inputs)), apply),

  read: (context, _id, inputs, outputs) =>
    refresh(context, inputs, outputs, async (host) => {
      const proxy = inputsOf(inputs);
      const want = wants(proxy);
      const [have, now] = await batch(host, [readAll(keysOf(want)), state(proxy.engine)], context);
      const sections = asInputs(have, want, context.warn) as {
        packages?: Properties;
        units?: Record<string, UnitWant>;
      };
      const files = Object.entries(proxy.files).flatMap(([path, { content }]): [string, Value][] => {
        const reading = (have.files?.[path] ?? { state: "absent" }) as Reading<FileHave>;
        if (file.equal(reading, want.files[path])) return [[path, proxy.files[path] as unknown as Value]];
        if (reading.state === "absent") return [];
        if (reading.state === "unreadable") {
          context.warn(`files["${path}"]: cannot be read, got ${reading.reason}; kept as it was`);
          return [[path, proxy.files[path] as unknown as Value]];
        }
        // What stands in the place of a key may be a key.
        const secret = content.includes("${secret:") && "content" in reading.value;
        return [[path, { ...reading.value, ...(secret && { content: "(another text, hidden)" }) }]];
      });
      const units = Object.values(sections.units ?? {});
      const whole = units.length > 0 && units.every(({ enabled, active }) => enabled && active);
      const deaf = proxy.listen.filter((place) => !now.listens.includes(place));
      for (const place of deaf) context.warn(`${host.name}: nothing listens on ${place}`);
      return {
        packages: sections.packages ?? {},
        files: Object.fromEntries(files),
        running: whole && now.alive && deaf.length === 0,
      };
    }),

  async delete(context, _id, outputs) {
    await alone(context, await hostOf(context, outputs), async (host) => {
      const found = (outputs["found"] ?? {}) as Readings;
      const [have] = await batch(host, [readAll(keysOf(found))], context);
      const { engine } = inputsOf(outputs);
      context.status(`taking ${engine} back, restoring what was found`);
      await host.run([...giveBack(engine, have, found), ...new Journal(context.urn).remove()], {
        onStep: context.status,
        signal: context.signal,
      });
    });
  },
};

/** Records what is there, then brings the proxy to its inputs. */
async function apply(
  context: Context,
  host: Host,
  inputs: Properties,
  knownFound: Readings,
  oldRevision: number,
): Promise<Properties> {
  const proxy = inputsOf(inputs);
  const want = wants(proxy);
  const journal = new Journal<Readings>(context.urn);
  context.status("reading");
  const entry = (await batch(host, [journal.query()], context))[0];
  // Our record lives on the host: without it this is a machine that was installed anew, and all on it is its own.
  const older = entry.found === undefined ? {} : mergeFound(knownFound, entry.found);
  const [have] = await batch(host, [readAll(keysOf(want, older))], context);
  refuseUnreadable(host.name, have);
  const found = mergeFound(older, have);
  const wanted = (section: keyof Readings, key: string) => want[section]?.[key] !== undefined;
  const leave = only(found, (section, key) => !wanted(section, key));
  const kept = only(found, wanted);
  const outputs = (revision: number, remembered: Readings): Properties => ({
    ...inputs,
    revision,
    found: remembered,
  });
  await host.run(journal.write(entry, found));
  try {
    await change(context, host, proxy, { have, leave });
    const [now] = await batch(host, [journal.query()]);
    await host.run(journal.write(now, kept));
  } catch (error) {
    throw new PartialFailure(host.name, outputs(oldRevision, found), error as Error);
  }
  return outputs(oldRevision + 1, kept);
}
