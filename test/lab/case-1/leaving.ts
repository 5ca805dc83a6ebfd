import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import test from "node:test";
import { labId } from "../../../infra/lab/index.js";
import { run, waitUntil } from "../support/command.js";
import { differences, snapshot } from "../support/snapshot.js";
import { root, succeeded } from "../support/stack.js";
import { directorA, ensureUp, hosts, labOnly, rs1, stack, whole } from "./setting.js";

const before: Record<string, Record<string, string[]>> = {};

/** The hosts as they are before anything of ours: the measure for every destroy. */
export function untouched(): void {
  test("a lab without a cluster comes up, and its hosts are remembered", async (t) => {
    await stack.init();
    const done = succeeded(await stack.up(labOnly));
    t.diagnostic(`figure: five machines booted by up in ${done.seconds.toFixed(0)} s`);
    await Promise.all(hosts.map(async (host) => (before[host.name] = await snapshot(host))));
    assert.ok(before["rs1"]!["files"]!.length > 1000);
  });
}

async function asBefore(): Promise<void> {
  const left = await Promise.all(
    hosts.map(async (host) =>
      differences(before[host.name]!, await snapshot(host)).map((line) => `${host.name}: ${line}`),
    ),
  );
  assert.deepEqual(left.flat(), []);
}

/** Where in an up the CLI and its plugin are killed: seen on the hosts, not guessed by the clock. */
const moments: { title: string; reached: () => Promise<boolean> }[] = [
  {
    title: "while packages are being installed",
    reached: async () => (await rs1.run("pgrep -x dpkg || pgrep -x apt-get")).code === 0,
  },
  {
    title: "when a real server has the VIP",
    reached: async () => (await rs1.run("ip address show dev lo | grep -q 192.168.184.100")).code === 0,
  },
  {
    title: "when the master's keepalived has its configuration",
    reached: async () => (await directorA.run("test -s /etc/keepalived/keepalived.conf")).code === 0,
  },
];

/** Interruption and removal. */
export function leaving(): void {
  test("destroy with the hosts kept leaves them as they were found", async (t) => {
    const done = succeeded(await stack.up(labOnly));
    t.diagnostic(`figure: cluster removed from kept hosts in ${done.seconds.toFixed(0)} s`);
    await asBefore();
  });

  for (const { title, reached } of moments)
    test(`SIGKILL of CLI and plugin ${title}: the next up converges, and destroy is clean`, async () => {
      const up = stack.start("up", whole);
      await waitUntil(title, reached, 120);
      process.kill(-up.pid!, "SIGKILL");
      await waitUntil("the CLI and its plugins are gone", async () => !(await alive(up.pid!)), 20);
      await ensureUp();
      succeeded(await stack.up(labOnly));
      await asBefore();
    });

  test("destroy of the lab leaves no process, link, namespace, mount or file", async (t) => {
    const id = labId(stack.name, root);
    const traces = async () => {
      const namespaces = (await run(["ip", "netns", "list"])).stdout.split("\n").filter((line) => line.includes(id));
      const links = (await run(["ip", "-o", "link"])).stdout.split("\n").filter((line) => line.includes(id.slice(-6)));
      const processes = (await run(["ps", "-ewwo", "args"])).stdout
        .split("\n")
        .filter((line) => line.includes(`lvs-${id}`));
      const mounts = (await run(["cat", "/proc/mounts"])).stdout.split("\n").filter((line) => line.includes(id));
      const folder = existsSync("/var/lib/pulumi-lvs/labs") ? readdirSync("/var/lib/pulumi-lvs/labs") : [];
      return [...namespaces, ...links, ...processes, ...mounts, ...folder.filter((name) => name === id)];
    };
    assert.ok((await traces()).length > 5, "the search sees a lab that is there");
    const done = succeeded(await stack.destroy(whole));
    t.diagnostic(`figure: lab destroyed in ${done.seconds.toFixed(0)} s`);
    assert.deepEqual(await traces(), []);
  });
}

async function alive(group: number): Promise<boolean> {
  const { stdout } = await run(["ps", "-eo", "pgid="]);
  return stdout.split("\n").some((line) => Number(line) === group);
}
