import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { labId } from "../../../infra/lab/index.js";
import { labPaths } from "../../../infra/lab/paths.js";
import { run } from "../support/command.js";
import { leaks, unique, word, type Secret } from "../support/leaks.js";
import { root, succeeded } from "../support/stack.js";
import { changed, directorA, hosts, stack, whole } from "./setting.js";

const PASSWORD = "vIp9Zq4k";
const PASSPHRASE = "lvs-lab";

/** What must stand nowhere in the clear. */
function secrets(): Secret[] {
  const key = readFileSync(labPaths(labId(stack.name, root)).privateKey, "utf8");
  return [
    unique("VRRP password", PASSWORD),
    // The fourth line of an ed25519 key in OpenSSH's form is the one with the seed; those before it are public.
    unique("private key", key.split("\n")[4]!),
    word("passphrase", PASSPHRASE),
  ];
}

/** Every file below the backend's folder: state, its copies, history, locks. */
function stateText(): string {
  const files = readdirSync(stack.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1")).join("\n");
}

/** Argument lists of all processes, here and on the hosts. */
async function processLists(): Promise<string> {
  const all = [run(["ps", "-ewwo", "args"]), ...hosts.map((host) => host.run("ps -ewwo args"))];
  return (await Promise.all(all)).map(({ stdout }) => stdout).join("\n");
}

/** What the hosts keep of what was done to them. */
async function journals(): Promise<string> {
  const command = "journalctl --no-pager -o verbose; cat /var/log/apt/* /var/log/dpkg.log";
  return (await Promise.all(hosts.map((host) => host.run(command)))).map(({ stdout }) => stdout).join("\n");
}

/** Secrets stay secret. */
export function secrecy(): void {
  test("a secret in the state's files or in a process list would be seen by the search", async () => {
    const plant = join(stack.state, "plant");
    writeFileSync(plant, `{"content":"${Buffer.from(`  auth_pass ${PASSWORD}\n`).toString("base64")}"}`);
    const sleeper = directorA.run(`timeout 30 sh -c 'while :; do sleep 1; done' ${PASSWORD}`);
    try {
      assert.deepEqual(leaks(secrets(), { state: stateText() }), ["VRRP password in state"]);
      let seen: string[] = [];
      for (let round = 0; round < 20 && seen.length === 0; round += 1)
        seen = leaks(secrets(), { lists: await processLists() });
      assert.deepEqual(seen, ["VRRP password in lists"]);
      assert.deepEqual(leaks(secrets(), { log: `PULUMI_CONFIG_PASSPHRASE=${PASSPHRASE}` }), ["passphrase in log"]);
      assert.deepEqual(leaks(secrets(), { log: `${PASSPHRASE}-dr` }), []);
    } finally {
      rmSync(plant);
      await directorA.run(`pkill -f '[v]${PASSWORD.slice(1)}'`);
      await sleeper;
    }
  });

  test("no key, VRRP password or passphrase stands in state, output, logs or process lists", async () => {
    const samples: string[] = [];
    let running = true;
    const sampler = (async () => {
      while (running) samples.push(await processLists());
    })();
    try {
      const edited = changed((cluster) => (cluster.realServers[1].weight = 2));
      // Not with --logtostderr: Pulumi's debugging log prints every value that the engine handles, at any level.
      succeeded(await stack.up(edited, "--diff"));
      succeeded(await stack.up(whole));
    } finally {
      running = false;
      await sampler;
    }
    const config = await directorA.succeed("cat /etc/keepalived/keepalived.conf");
    assert.ok(config.includes(`auth_pass ${PASSWORD}`), "the search looks for the true password");
    assert.equal(await directorA.succeed("stat -c '%a %U' /etc/keepalived/keepalived.conf"), "640 root\n");

    const places = {
      "the exported state": succeeded(await stack.pulumi("stack", "export", "-s", stack.name)).stdout,
      "the state's files": stateText(),
      "the CLI's output": stack.printed,
      "process lists": samples.join("\n"),
      "the hosts' journals": await journals(),
    };
    for (const [place, text] of Object.entries(places)) assert.ok(text.length > 10_000, `${place} is empty`);
    assert.match(places["the exported state"], /auth_pass \$\{secret:auth_pass\}/);
    assert.match(places["the CLI's output"], /\bCreating provider\b|\bProvider\[lvs/, "the output holds a verbose log");
    assert.deepEqual(leaks(secrets(), places), []);
  });
}
