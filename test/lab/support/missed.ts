import assert from "node:assert/strict";
import { waitUntil } from "./command.js";
import type { Scene } from "./life.js";
import type { Machine } from "./machine.js";

/** Something that packets need and that somebody takes away by hand. */
export interface Missed {
  machine: Machine;
  taken: string;
  putBack: string;
  /** What status says of it, after the host's name. */
  said: string;
}

/** Status names what was taken away, exits 7, and is healthy again when it is back. */
export async function isMissed({ stack }: Scene, { machine, taken, putBack, said }: Missed): Promise<void> {
  await machine.succeed(taken);
  try {
    const done = await stack.status("--json");
    assert.equal(done.code, 7, done.stdout + done.stderr);
    const { problems } = JSON.parse(done.stdout) as { problems: string[] };
    assert.ok(
      problems.some((each) => each.startsWith(`${machine.name}: ${said}`)),
      problems.join("\n"),
    );
  } finally {
    await machine.succeed(putBack);
  }
  await waitUntil("status is healthy again", async () => (await stack.status()).code === 0, 20);
}

/** Takes the rule of a chain that has the words, as `iptables -S` shows it, away for a moment. */
export async function ruleIsMissed(
  scene: Scene,
  machine: Machine,
  table: string,
  chain: string,
  word: string,
): Promise<void> {
  const shown = await machine.succeed(`iptables -t ${table} -S ${chain}`);
  const rule = shown.split("\n").find((line) => line.startsWith(`-A ${chain} `) && line.includes(word));
  assert.ok(rule, shown);
  const words = rule.slice("-A ".length);
  await isMissed(scene, {
    machine,
    taken: `iptables -w -t ${table} -D ${words}`,
    putBack: `iptables -w -t ${table} -A ${words}`,
    said: `the firewall rule "iptables ${table} ${chain} `,
  });
}
