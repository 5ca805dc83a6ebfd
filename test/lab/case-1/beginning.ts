import assert from "node:assert/strict";
import test from "node:test";
import { kill, session, waitUntil } from "../support/command.js";
import type { Machine } from "../support/machine.js";
import { snapshots } from "../support/snapshot.js";
import { succeeded, type Stack } from "../support/stack.js";
import { machineProcesses } from "../support/traces.js";
import type { Setting } from "./setting.js";

interface Moment {
  title: string;
  reached: () => Promise<boolean>;
  victims: Victims;
}

/** Which of an up's processes are killed. */
type Victims = (cli: number) => Promise<Iterable<number>>;
const everything: Victims = async (cli) => (await session(cli)).keys();
const cliAlone: Victims = async (cli) => [cli];

/** Our plugins in an up's session; Pulumi's own language host outlives a killed CLI for minutes and touches no host. */
async function plugins(cli: number): Promise<string[]> {
  return [...(await session(cli)).values()].filter((args) => args.includes("pulumi-resource-lvs"));
}

async function installing(machine: Machine): Promise<boolean> {
  return (await machine.run("pgrep -x dpkg || pgrep -x apt-get")).code === 0;
}

/** Where in an up it is killed: seen on the hosts, not guessed by the clock. */
const momentsOf = ({ directorA, directorB, rs1 }: Setting): Moment[] => [
  {
    title: "SIGKILL of the CLI alone while a real server gets its packages",
    reached: () => installing(rs1),
    victims: cliAlone,
  },
  {
    title: "SIGKILL of CLI and plugin while a director gets its packages",
    reached: () => installing(directorB),
    victims: everything,
  },
  {
    title: "SIGKILL of CLI and plugin when the master's keepalived has its configuration",
    reached: async () => (await directorA.run("test -s /etc/keepalived/keepalived.conf")).code === 0,
    victims: everything,
  },
];

/** Starts an up, kills it at that moment, and waits until nothing of it is left that touches hosts. */
async function interrupted(
  stack: Stack,
  file: string,
  moment: string,
  reached: Moment["reached"],
  victims: Victims,
): Promise<void> {
  const up = stack.start("up", file);
  const cli = up.pid!;
  try {
    await waitUntil("our plugin works", async () => up.exitCode !== null || (await plugins(cli)).length > 0, 60);
    await waitUntil(moment, async () => up.exitCode !== null || (await reached()), 180);
    assert.equal(up.exitCode, null, `up ended before: ${moment}`);
    kill(await victims(cli));
    await waitUntil("the CLI is gone", async () => !(await session(cli)).has(cli), 20);
    await waitUntil("our plugin is gone", async () => (await plugins(cli)).length === 0, 20);
  } finally {
    kill((await session(cli)).keys());
  }
}

/** From nothing to a pair that serves, with every kind of interruption on the way. */
export function beginning(setting: Setting): void {
  const { client, stack } = setting;
  test("SIGKILL of CLI and plugin while the machines boot ends both", async () => {
    await stack.init();
    const boots = async () => (await machineProcesses(setting.id)).length > 0;
    await interrupted(stack, setting.labOnly, "a machine boots", boots, everything);
  });

  test("the next up makes the whole lab without a cluster, and its hosts are remembered", async (t) => {
    const done = succeeded(await stack.up(setting.labOnly));
    t.diagnostic(`figure: ${setting.found.length + 1} machines booted by up in ${done.seconds.toFixed(0)} s`);
    await client.succeed("true");
    await setting.way.prepare(setting);
    setting.before = await snapshots(setting.found);
    assert.ok(setting.before["rs1"]!["files"]!.length > 1000);
  });

  // One after the other on the same hosts: each up goes on where the killed one before it stopped. What they leave
  // behind is in the measure of the destroy at the end.
  for (const { title, reached, victims } of momentsOf(setting))
    test(`${title}: nothing of ours goes on`, () => interrupted(stack, setting.whole, title, reached, victims));

  test("the next up converges after all these kills: it makes the pair and proves that it serves", async (t) => {
    const done = succeeded(await stack.up(setting.whole));
    t.diagnostic(`figure: pair set up where others had been killed in ${done.seconds.toFixed(0)} s`);
    await setting.healed(setting.directorA);
  });
}
