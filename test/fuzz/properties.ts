import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc, { type Arbitrary, type IPropertyWithHooks } from "fast-check";
import { planCluster } from "../../infra/render/index.js";
import {
  checkTogether,
  clusterSchema,
  connectionSchema,
  labSchema,
  parseCluster,
  parseLab,
  type Cluster,
} from "../../infra/spec/index.js";
import { hostName } from "../../infra/spec/words.js";
import { arbitraryOf } from "./arbitrary.js";
import { bases } from "./bases.js";
import { difference } from "./case.js";
import { breakingChange, fittingChange, renaming, type Change } from "./changes.js";
import { assertCommands, stepsOf } from "./commands.js";
import { hostileValue } from "./hostile.js";
import { assertHidden, assertRefusal } from "./refusal.js";
import { assertRendered } from "./rendered.js";

/** How many inputs were taken, planned and rendered, and how many refused. */
export interface Tally {
  taken: number;
  refused: number;
}

/** A property with the share of the cases that it gets. */
export interface Fuzzed {
  title: string;
  share: number;
  make(tally: Tally): IPropertyWithHooks<any>;
}

/** The longest that one input may compute, in milliseconds: far more than any needs, far less than a person waits. */
const patience = 2000;

function changed(input: unknown, changes: readonly Change[]): unknown {
  const copy = structuredClone(input);
  for (const change of changes) change(copy);
  return copy;
}

/** Judges a changed input; a failure tells the change in the form of a table case. */
function judged<T>(input: unknown, changes: readonly Change[], judge: (changed: unknown) => T): T {
  const now = changed(input, changes);
  try {
    return judge(now);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new Error(`${said}\nchange: ${inspect(difference(input, now), { depth: 9, maxStringLength: 400 })}`, {
      cause: error,
    });
  }
}

const base = fc.constantFrom(...bases);
const fitting = fc.oneof({ weight: 6, arbitrary: fittingChange(clusterSchema) }, renaming(hostName));

/** Inputs of clusters that fit the schema. */
export const fittingCluster: Arbitrary<unknown> = fc
  .tuple(base, fc.array(fitting, { minLength: 1, maxLength: 3 }))
  .map(([{ cluster }, changes]) => changed(cluster, changes));

/** A cluster is refused with words, or planned and rendered without a flaw. */
export function judgeCluster(input: unknown, tally: Tally): Cluster | undefined {
  const start = process.cpuUsage();
  const result = parseCluster(input);
  if ("problems" in result) {
    tally.refused++;
    assertRefusal(result.problems);
  } else {
    tally.taken++;
    const plan = planCluster(result.cluster);
    assertRendered(result.cluster, plan);
    for (const host of Object.values(plan.hosts)) {
      const names = Object.values(host).flatMap((map) => Object.keys(map as object));
      assertCommands(stepsOf(host), names);
    }
  }
  const took = process.cpuUsage(start).user / 1000;
  assert.ok(took < patience, `took ${took.toFixed(0)} ms`);
  return "cluster" in result ? result.cluster : undefined;
}

/** A lab, and the cluster in it. */
export function judgeLab(lab: unknown, cluster: Cluster | undefined, tally: Tally): void {
  const result = parseLab(lab);
  if ("problems" in result) {
    tally.refused++;
    assertRefusal(result.problems);
  } else if (cluster !== undefined) {
    const problems = checkTogether(cluster, result.lab);
    if (problems.length > 0) assertRefusal(problems);
    tally[problems.length > 0 ? "refused" : "taken"]++;
  }
}

/** Changes of a cluster and of its lab, and the way to make both. */
function pairOf(changes: Arbitrary<Change>, ofLab: Arbitrary<Change>) {
  const labs = bases.filter(({ lab }) => lab !== undefined);
  return fc.tuple(
    fc.constantFrom(...labs),
    fc.array(changes, { maxLength: 1 }),
    fc.array(ofLab, { minLength: 1, maxLength: 3 }),
  );
}

/** Fields of a cluster's connections that are secret. */
const secretFields = ["password", "privateKey", "privateKeyPassword", "sudoPassword"];

/** Secrets long enough to be found, in every form in which somebody may give one; and the places for them. */
const secretInput = fc.tuple(
  base,
  fc.stringMatching(/^canary-[A-Za-z0-9]{12}$/),
  fc.constantFrom<(secret: string) => unknown>(
    (secret) => secret,
    (secret) => [secret],
    (secret) => ({ secret }),
    (secret) => `${secret}\nsecond line`,
    (secret) => `${secret}\0`,
    (secret) => secret.repeat(100),
  ),
  fc.array(breakingChange, { maxLength: 2 }),
  fc.constantFrom("known", "mistyped", "whole"),
);

export const properties: readonly Fuzzed[] = [
  {
    title: "what fits the schema is refused with words, or rendered without a flaw",
    share: 5,
    make: (tally) =>
      fc.property(base, fc.array(fitting, { minLength: 1, maxLength: 4 }), ({ cluster }, changes) => {
        judged(cluster, changes, (input) => judgeCluster(input, tally));
      }),
  },
  {
    title: "what was broken is refused with words, or rendered without a flaw",
    share: 5,
    make: (tally) =>
      fc.property(base, fc.array(breakingChange, { minLength: 1, maxLength: 4 }), ({ cluster }, changes) => {
        judged(cluster, changes, (input) => judgeCluster(input, tally));
      }),
  },
  {
    title: "a lab that was changed is refused with words, or takes its cluster",
    share: 3,
    make: (tally) =>
      fc.property(
        pairOf(fc.oneof(fitting, breakingChange), fc.oneof(fittingChange(labSchema), breakingChange)),
        ([{ cluster, lab }, ofCluster, ofLab]) => {
          const result = parseCluster(changed(cluster, ofCluster));
          const good = "cluster" in result ? result.cluster : undefined;
          judged(lab, ofLab, (input) => judgeLab(input, good, tally));
        },
      ),
  },
  {
    title: "anything at all in the place of a stack file is refused with words",
    share: 1,
    make: (tally) =>
      fc.property(fc.oneof(hostileValue, fc.object({ maxDepth: 3 })), (input) => {
        judgeCluster(input, tally);
        judgeLab(input, undefined, tally);
      }),
  },
  {
    title: "a connection is refused with words or taken",
    share: 1,
    make: (tally) =>
      fc.property(
        base,
        arbitraryOf(connectionSchema),
        fc.array(breakingChange, { maxLength: 2 }),
        (from, connection, changes) => {
          const input = structuredClone(from.cluster) as { realServers: { connection?: unknown }[] };
          input.realServers[0]!.connection = changed({ connection }, changes);
          judgeCluster(input, tally);
          input.realServers[0]!.connection = changed(connection, changes);
          judgeCluster(input, tally);
        },
      ),
  },
  {
    title: "a secret is in no refusal, no plan and no command, wherever it was given",
    share: 2,
    make: (tally) =>
      fc.property(secretInput, ([{ cluster }, secret, form, changes, how]) => {
        const input = structuredClone(cluster) as {
          vrrp?: Record<string, unknown>;
          directors: { connection?: unknown }[];
        };
        const field = (name: string): string => (how === "mistyped" ? `${name}s` : name);
        const given = Object.fromEntries(secretFields.map((name) => [field(name), form(secret)]));
        const { [field("sudoPassword")]: sudoPassword, ...login } = given;
        const way = {
          host: "192.0.2.1",
          [field("sudoPassword")]: sudoPassword,
          ...login,
          proxy: { host: "192.0.2.2", ...login },
        };
        input.directors[0]!.connection = how === "whole" ? form(secret) : way;
        // Eight characters, as VRRP sends them, or what is none.
        const pass = how === "known" ? secret.slice(-8) : form(secret);
        if (input.vrrp !== undefined) input.vrrp[how === "mistyped" ? "authpass" : "authPass"] = pass;
        const result = parseCluster(changed(input, changes));
        const canaries = [secret, secret.slice(-8)];
        if ("problems" in result) {
          tally.refused++;
          assertHidden(new Error(JSON.stringify(result.problems)).message, canaries);
          return;
        }
        tally.taken++;
        const plan = planCluster(result.cluster);
        assertHidden(plan, canaries);
        for (const host of Object.values(plan.hosts)) assertHidden(stepsOf(host), canaries);
      }),
  },
];
