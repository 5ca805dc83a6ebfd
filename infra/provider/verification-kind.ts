import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Evidence, VerificationPlan } from "../plan/types.js";
import { connectionSecrets } from "./connection-secrets.js";
import { differences } from "./diff.js";
import type { Context, Kind } from "./kind.js";
import { segmentProblems } from "./segment.js";
import { look, type Sides } from "./verify.js";
import { unknown, type Properties, type Value } from "./values.js";

/** `lvs:index:Verification`: the proof that the cluster serves, looked at from all sides. */
export const verificationKind: Kind = {
  token: "lvs:index:Verification",
  secrets: [["directors", "*"], ["realServers", "*"], ["client"]].flatMap((host) =>
    connectionSecrets.map((path) => [...host, ...path]),
  ),

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

  async update(context, _id, olds, oldInputs, news) {
    return { outputs: await verify(context, news, proven(olds, oldInputs, news)) };
  },

  async delete() {
    // Nothing was made.
  },
};

/**
 * What was seen of the real servers that nothing has changed since: a changed weight is no reason to ask all of a large
 * pool again. Whether they answer is seen by the directors' checks, and by the requests.
 */
export function proven(olds: Properties, oldInputs: Properties, news: Properties): Evidence["realServers"] {
  const { realServers: seen = {} } = (olds["evidence"] ?? {}) as unknown as Partial<Evidence>;
  const [was, is] = [oldInputs, news].map((inputs) => {
    const { plan, realServers } = inputs as unknown as Sides;
    const connections = Object.fromEntries(realServers.map(({ name, connection }) => [name, connection]));
    return { realServers: plan.realServers, connections, revisions: (inputs["revisions"] ?? {}) as Properties };
  }) as [Known, Known];
  const same = (name: string) =>
    was.revisions[name] !== undefined &&
    was.revisions[name] === is.revisions[name] &&
    // A machine that was made anew counts its revisions from the beginning.
    isDeepStrictEqual(was.connections[name], is.connections[name]) &&
    isDeepStrictEqual(was.realServers[name], is.realServers[name]);
  return Object.fromEntries(Object.entries(seen).filter(([name]) => name in is.realServers && same(name)));
}

/** What a proof of real servers rests upon. */
interface Known {
  realServers: VerificationPlan["realServers"];
  connections: Record<string, unknown>;
  revisions: Properties;
}

/** @param known what need not be looked at again, by real server. */
async function verify(context: Context, inputs: Properties, known: Evidence["realServers"] = {}): Promise<Properties> {
  const all = inputs as unknown as Sides;
  const sides = { ...all, realServers: all.realServers.filter(({ name }) => !(name in known)) };
  const start = Date.now();
  const seconds = () => (Date.now() - start) / 1000;
  for (;;) {
    const { problems, evidence } = await look(context, sides);
    const realServers = { ...known, ...evidence.realServers };
    if (problems.length === 0) return { ...inputs, evidence: { ...evidence, realServers } as unknown as Value };
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
