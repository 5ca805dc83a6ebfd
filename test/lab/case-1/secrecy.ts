import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { waitUntil, Watch } from "../support/command.js";
import { leaks, unique, word, type Secret } from "../support/leaks.js";
import type { Machine } from "../support/machine.js";
import { succeeded, type Stack } from "../support/stack.js";
import type { Setting } from "./setting.js";

const PASSWORD = "vIp9Zq4k";
const PASSPHRASE = "lvs-lab";

/** What must stand nowhere in the clear. */
function secretsOf(setting: Setting): Secret[] {
  return [unique("VRRP password", PASSWORD), ...setting.way.secrets(), word("passphrase", PASSPHRASE)];
}

/** Every file below the backend's folder: state, its copies, history, locks. */
function stateText(stack: Stack): string {
  const files = readdirSync(stack.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1")).join("\n");
}

const LISTS = "while :; do ps -ewwo args; sleep 0.2; done";

/** Argument lists of all processes, here and on the machines, again and again while `work` goes on. */
async function processLists(machines: Machine[], work: (seen: () => string) => Promise<unknown>): Promise<string> {
  const watches = [["sh", "-c", LISTS], ...(await Promise.all(machines.map((machine) => machine.argv(LISTS))))].map(
    (argv) => new Watch(argv),
  );
  const seen = () => watches.map(({ text }) => text).join("\n");
  try {
    await waitUntil("all lists are being taken", async () => watches.every(({ text }) => text.includes("ps -e")), 20);
    await work(seen);
  } finally {
    await Promise.all(watches.map((watch) => watch.stop()));
  }
  return seen();
}

/** The CLI's output without Pulumi's own debug log, which holds the properties of all resources, secrets included. */
function withoutEngineLog(text: string): string {
  const lines = text.split("\n").filter((line) => !/^\{"time":.*"v":\d+\}$/.test(line));
  return lines.join("\n");
}

/** What machines keep of what was done to them. */
async function journals(machines: Machine[]): Promise<string> {
  const command = "journalctl --no-pager -o verbose; cat /var/log/apt/* /var/log/dpkg.log";
  return (await Promise.all(machines.map((machine) => machine.run(command)))).map(({ stdout }) => stdout).join("\n");
}

/** Secrets stay secret. */
export function secrecy(setting: Setting): void {
  const { changed, directorA, stack } = setting;
  const secrets = () => secretsOf(setting);
  test("a secret in the state's files or in a process list would be seen by the search", async () => {
    const plant = join(stack.state, "plant");
    writeFileSync(plant, `{"content":"${Buffer.from(`  auth_pass ${PASSWORD}\n`).toString("base64")}"}`);
    const sleeper = new Watch(await directorA.argv(`timeout 30 sh -c 'while :; do sleep 1; echo; done' ${PASSWORD}`));
    try {
      assert.deepEqual(leaks(secrets(), { state: stateText(stack) }), ["VRRP password in state"]);
      await processLists(setting.found, (seen) =>
        waitUntil("the planted process is seen", async () => leaks(secrets(), { lists: seen() }).length > 0, 20),
      );
      assert.deepEqual(leaks(secrets(), { log: `PULUMI_CONFIG_PASSPHRASE=${PASSPHRASE}` }), ["passphrase in log"]);
      assert.deepEqual(leaks(secrets(), { log: `${PASSPHRASE}-dr` }), []);
    } finally {
      rmSync(plant);
      await sleeper.stop();
      const gone = async () => !(await directorA.succeed("ps -ewwo args")).includes(PASSWORD);
      await waitUntil("the planted process is gone", gone, 20);
    }
  });

  test("no key, VRRP password or passphrase stands in state, output, logs or process lists", async () => {
    let verbose = "";
    // The next test's up takes the weight back.
    const lists = await processLists(setting.found, async () => {
      const edited = changed((cluster) => (cluster.realServers[1].weight = 2));
      verbose = succeeded(await stack.up(edited, "--logtostderr", "-v=9")).stderr;
    });
    assert.match(verbose, /"v":9\}/, "the output holds a verbose log");
    const config = await directorA.succeed("cat /etc/keepalived/keepalived.conf");
    assert.ok(config.includes(`auth_pass ${PASSWORD}`), "the search looks for the true password");
    assert.equal(await directorA.succeed("stat -c '%a %U' /etc/keepalived/keepalived.conf"), "640 root\n");

    const places = {
      "the exported state": succeeded(await stack.pulumi("stack", "export", "-s", stack.name)).stdout,
      "the state's files": stateText(stack),
      "the CLI's output": withoutEngineLog(stack.printed),
      "process lists": lists,
      "the hosts' journals": await journals(setting.found),
    };
    for (const [place, text] of Object.entries(places)) assert.ok(text.length > 10_000, `${place} is empty`);
    assert.match(places["the exported state"], /auth_pass \$\{secret:auth_pass\}/);
    assert.deepEqual(leaks(secrets(), places), []);
  });
}
