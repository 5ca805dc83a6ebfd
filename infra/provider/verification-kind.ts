import { setTimeout as sleep } from "node:timers/promises";
import { differences } from "./diff.js";
import type { Context, Kind } from "./kind.js";
import { segmentProblems } from "./segment.js";
import { look, type Sides } from "./verify.js";
import { unknown, type Properties, type Value } from "./values.js";

const secretFields = ["privateKey", "privateKeyPassword", "password", "sudoPassword"];

/** `lvs:index:Verification`: the proof that the cluster serves, looked at from all sides. */
export const verificationKind: Kind = {
  token: "lvs:index:Verification",
  secrets: ["directors", "realServers"]
    .map((list) => [list, "*", "connection"])
    .concat([["client", "connection"]])
    .flatMap((path) => [
      ...secretFields.map((field) => [...path, field]),
      ...secretFields.map((field) => [...path, "proxy", field]),
    ]),

  // How a host is reached changes nothing of what was proven.
  diff: (oldInputs, news) => ({ changes: differences(withoutConnections(oldInputs), withoutConnections(news)) }),

  planned: (inputs) => ({ ...inputs, evidence: unknown }),

  async create(context, inputs) {
    return { id: "verification", outputs: await verify(context, inputs) };
  },

  // A proof is of its time, and what a host holds is read by the resources that set it up; this is what no single one can tell.
  async read(context, _id, inputs, outputs) {
    const sides = inputs as unknown as Sides;
    const problems = sides.plan.daemon === "keepalived" ? await segmentProblems(context, sides) : [];
    for (const problem of problems) context.warn(problem);
    const actual = { sound: problems.length === 0 };
    return { inputs: { ...inputs, ...actual }, outputs: { ...outputs, ...actual } };
  },

  async update(context, _id, _olds, _oldInputs, news) {
    return { outputs: await verify(context, news) };
  },

  async delete() {
    // Nothing was made.
  },
};

async function verify(context: Context, inputs: Properties): Promise<Properties> {
  const sides = inputs as unknown as Sides;
  const start = Date.now();
  const seconds = () => (Date.now() - start) / 1000;
  for (;;) {
    const { problems, evidence } = await look(context, sides);
    if (problems.length === 0) return { ...inputs, evidence: evidence as unknown as Value };
    if (seconds() > sides.plan.settleSeconds)
      throw new Error(
        `the cluster does not serve as described after ${sides.plan.settleSeconds} s:\n` +
          problems.map((problem) => `  ${problem}`).join("\n"),
      );
    context.status(`waiting until it serves, ${Math.round(seconds())} s: ${problems[0]}`);
    await sleep(1000, undefined, { signal: context.signal });
  }
}

function withoutConnections(inputs: Properties): Properties {
  const bare = (host: Value | undefined): Value =>
    host && typeof host === "object" && !Array.isArray(host) ? { name: host["name"] ?? null } : null;
  const list = (hosts: Value | undefined): Value => (Array.isArray(hosts) ? hosts.map(bare) : []);
  return {
    ...inputs,
    directors: list(inputs["directors"]),
    realServers: list(inputs["realServers"]),
    client: bare(inputs["client"]),
  };
}
