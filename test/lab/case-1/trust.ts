import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test, { type TestContext } from "node:test";
import { labId } from "../../../infra/lab/index.js";
import { labPaths } from "../../../infra/lab/paths.js";
import { run, waitUntil } from "../support/command.js";
import { root, succeeded, type StackFile } from "../support/stack.js";
import { client, directorA, directorB, healed, hosts, pages, rs1, rs2, stack, whole, changed } from "./setting.js";

const PASSWORD = "vIp9Zq4k";
const PASSPHRASE = "lvs-lab";

/** The parts of secrets that must stand nowhere in the clear. */
function secrets(): Record<string, string> {
  const key = readFileSync(labPaths(labId(stack.name, root)).privateKey, "utf8");
  return { "VRRP password": PASSWORD, "private key": key.split("\n")[3]! };
}

/** Every file below the backend's folder, decompressed. */
async function stateText(): Promise<string> {
  const files = readdirSync(stack.state, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`);
  const texts = files.map(async (file) =>
    file.endsWith(".zst") ? (await run(["zstd", "-dc", file])).stdout : readFileSync(file, "latin1"),
  );
  return (await Promise.all(texts)).join("\n");
}

/** Secrets stay secret, errors name host and next step, machines come back. */
export function trust(): void {
  test("no key, VRRP password or passphrase stands in state, output, logs or process lists", async () => {
    const samples: string[] = [];
    let running = true;
    const sampler = (async () => {
      while (running) {
        samples.push((await run(["ps", "-ewwo", "args"])).stdout);
        const guests = await Promise.all(hosts.map((host) => host.run("ps -ewwo args")));
        samples.push(...guests.map(({ stdout }) => stdout));
      }
    })();
    const edited = changed((cluster) => (cluster.realServers[1].weight = 2));
    const verbose = await stack.up(edited, "--logtostderr", "-v=9");
    succeeded(await stack.up(whole));
    running = false;
    await sampler;
    succeeded(verbose);
    const exported = succeeded(await stack.pulumi("stack", "export", "-s", stack.name)).stdout;
    const places = {
      "the exported state": exported,
      "the state's files": await stateText(),
      "the CLI's output": stack.printed,
      "process lists": samples.join("\n"),
    };
    for (const [place, text] of Object.entries(places)) {
      // The place is the right one: it holds what must be there, and a secret in it would be seen.
      assert.ok(text.length > 1000, `${place} is empty`);
      for (const [secret, value] of Object.entries(secrets()))
        assert.ok(!text.includes(value), `${secret} in ${place}`);
    }
    assert.match(exported, /auth_pass \$\{secret:auth_pass\}/);
    assert.ok(!exported.includes(`"${PASSPHRASE}"`));
    const config = await directorA.succeed(
      "cat /etc/keepalived/keepalived.conf; stat -c %a /etc/keepalived/keepalived.conf",
    );
    assert.ok(config.includes(`auth_pass ${PASSWORD}`), "the search looks for the true password");
    assert.match(config, /640\n$/);
  });

  test("a killed machine is found by refresh and booted by the next up", async () => {
    await rs1.crash();
    const found = succeeded(await stack.refresh(whole));
    assert.match(found.stdout + found.stderr, /rs1: the machine does not run/);
    succeeded(await stack.up(whole));
    assert.deepEqual([...new Set(await pages(6))].sort(), ["rs1", "rs2"]);
  });

  test("every host comes back from a power cut by itself, and the cluster serves", async () => {
    for (const host of [rs1, rs2, directorB, directorA]) {
      await host.crash();
      await host.start();
    }
    await healed(directorA, 60);
    await waitUntil("both real servers answer", async () => new Set(await pages(6)).size === 2, 60);
    succeeded(await stack.gate(whole));
  });

  test("each way in which a host refuses has its own message with host and next step", async (t) => {
    const key = readFileSync(labPaths(labId(stack.name, root)).privateKey, "utf8");
    const other = (
      await run(["sh", "-c", "d=$(mktemp -d); ssh-keygen -q -t ed25519 -N '' -f $d/k; cat $d/k; rm -r $d"])
    ).stdout;
    await directorB.succeed(
      "useradd -m plain && install -d -o plain -m 700 ~plain/.ssh && install -o plain -m 600 ~/.ssh/authorized_keys ~plain/.ssh/",
    );
    try {
      await refuses(t, key, other);
    } finally {
      await directorB.succeed("userdel -r plain 2>/dev/null; ! id plain 2>/dev/null");
    }
  });
}

async function refuses(t: TestContext, key: string, other: string): Promise<void> {
  const output = succeeded(await stack.pulumi("stack", "output", "machines", "--json", "-s", stack.name)).stdout;
  const addresses = JSON.parse(output) as Record<string, string>;
  const hostKey = async (name: string) =>
    readFileSync(labPaths(labId(stack.name, root)).knownHosts, "utf8")
      .split("\n")
      .find((line) => line.startsWith(`${addresses[name]},`))!
      .split(" ")
      .slice(1)
      .join(" ");
  const rs1Key = await hostKey("rs1");
  const directorKey = await hostKey("director-b");
  const cases: { name: string; connection: Record<string, unknown>; list: string; says: RegExp }[] = [
    {
      name: "rs1",
      list: "realServers",
      connection: { port: 2, privateKey: key, hostKey: rs1Key, dialErrorLimit: 1 },
      says: /rs1 \(198\.18\.[\d.]+:2\): no TCP connection.*Next: /,
    },
    {
      name: "rs1",
      list: "realServers",
      connection: { privateKey: key, hostKey: directorKey },
      says: /rs1 \(198\.18\.[\d.]+:22\): .*host key.*Next: /i,
    },
    {
      name: "rs1",
      list: "realServers",
      connection: { privateKey: other, hostKey: rs1Key },
      says: /rs1 \(198\.18\.[\d.]+:22\): .*(refused|accept).*Next: /i,
    },
    {
      name: "director-b",
      list: "directors",
      connection: { user: "plain", privateKey: key, hostKey: directorKey },
      says: /director-b \(198\.18\.[\d.]+:22\): .*sudo.*Next: /i,
    },
  ];
  for (const { name, connection, list, says } of cases) {
    const file = stack.file((content: StackFile) => {
      const host = content.config["lvs:cluster"][list].find((each: { name: string }) => each.name === name);
      host.connection = { host: addresses[name], ...connection };
      host.sysctls = { "net.ipv4.tcp_syncookies": "1" };
    });
    const done = await stack.up(file);
    assert.notEqual(done.code, 0, `${name} must refuse`);
    assert.match(done.stdout + done.stderr, says);
    t.diagnostic(`seen: ${says.exec(done.stdout + done.stderr)![0].slice(0, 200)}`);
    assert.ok(!(done.stdout + done.stderr).includes(other.split("\n")[2]!), "a key in an error");
    // Nothing half written, others not touched: they serve on.
    assert.deepEqual([...new Set(await pages(4))].sort(), ["rs1", "rs2"]);
  }
  succeeded(await stack.up(whole));
  assert.equal((await client.run("true")).code, 0);
}
