import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Failure } from "../../../infra/host/errors.js";
import { withSshConfig } from "../../../infra/host/ssh-config.js";
import { Pool } from "../../../infra/host/ssh-pool.js";
import type { Connection } from "../../../infra/host/types.js";
import { hostError, noSshd } from "./expect.js";
import { keygen, startSshd, type Sshd } from "./sshd.js";
import { until } from "./until.js";

let dir: string;
before(() => void (dir = mkdtempSync(join(tmpdir(), "lvs-ssh-config-"))));
after(() => rmSync(dir, { recursive: true }));

function config(text: string): string {
  const file = join(dir, `config-${Math.random()}`);
  writeFileSync(file, text);
  return file;
}

const password = { password: "x" };
const lookUp = (text: string, connection: Partial<Connection> = {}): Connection =>
  withSshConfig({ host: "web1", ...password, ...connection, sshConfigFile: config(text) });

describe("an alias of an OpenSSH configuration", () => {
  const table: [string, string, Partial<Connection>, Connection][] = [
    ["is the host itself where nothing is said of it", "Host other\n  Port 7\n", {}, { host: "web1", ...password }],
    [
      "gets address, port, user and time limit",
      "Host web*\n  HostName 192.0.2.21\n  Port 2222\n  User ops\n  ConnectTimeout 7\n",
      {},
      { host: "192.0.2.21", port: 2222, user: "ops", perDialTimeout: 7, ...password },
    ],
    ["is part of its address", "Host web1\n  HostName %h.example.net\n", {}, { host: "web1.example.net", ...password }],
    [
      "has what is said of it first",
      "Host web1\n  User first\nHost *\n  User second\n  Port 22022\n",
      {},
      { host: "web1", user: "first", port: 22022, ...password },
    ],
    ["is told from what is negated", "Host * !web1\n  User ops\n", {}, { host: "web1", ...password }],
    [
      "knows keywords in any case",
      "host web1\n  hostname 192.0.2.3\n  PORT=23\n",
      {},
      { host: "192.0.2.3", port: 23, ...password },
    ],
    [
      "leaves the connection what it says itself",
      "Host web1\n  User ops\n  Port 2222\n",
      { user: "root", port: 22 },
      { host: "web1", user: "root", port: 22, ...password },
    ],
    [
      "has jump hosts in their order, which are aliases too",
      "Host web1\n  ProxyJump far,ops@near:2022\nHost far\n  HostName 192.0.2.1\nHost near\n  HostName 192.0.2.2\n",
      {},
      {
        host: "web1",
        ...password,
        proxy: { host: "192.0.2.2", user: "ops", port: 2022, proxy: { host: "192.0.2.1" } },
      },
    ],
    [
      "goes straight where it says so",
      "Host web1\n  ProxyJump none\nHost *\n  ProxyJump far\n",
      {},
      { host: "web1", ...password },
    ],
    [
      "has the files that are included",
      `Include ${"$INCLUDED"}\n`,
      {},
      { host: "web1", user: "included", ...password },
    ],
  ];
  for (const [title, text, connection, expected] of table)
    test(title, () => {
      const included = join(dir, "included.d");
      mkdirSync(included, { recursive: true });
      writeFileSync(join(included, "10-web.conf"), "Host web1\n  User included\n");
      assert.deepEqual(lookUp(text.replace("$INCLUDED", `${included}/*.conf`), connection), expected);
    });

  test("has the first key that is there, and its own known_hosts", () => {
    const key = join(dir, "ops_web1");
    writeFileSync(key, "a key");
    const text = `Host web1\n  User ops\n  IdentityFile ${dir}/none\n  IdentityFile ${dir}/%r_%h\n  UserKnownHostsFile ~/known\n`;
    const { privateKey, knownHostsFile } = withSshConfig({ host: "web1", sshConfigFile: config(text) });
    assert.equal(privateKey, "a key");
    assert.equal(knownHostsFile, join(homedir(), "known"));
  });

  const bad: [string, string, RegExp][] = [
    ["a ProxyCommand", "Host web1\n  ProxyCommand nc %h %p\n", /reaches web1 by a ProxyCommand, which is not run/],
    ["a port that is no number", "Host web1\n  Port ssh\n", /has a Port that is no number/],
    ["a jump host that is none", "Host web1\n  ProxyJump a:b:c\n", /has a ProxyJump that is none/],
    ["jump hosts in a circle", "Host *\n  ProxyJump bastion\n", /has more than 3 jump hosts in a row \(web1, bastion/],
  ];
  for (const [title, text, said] of bad)
    test(`${title} is refused`, () =>
      assert.throws(
        () => lookUp(text),
        (error) => error instanceof Failure && said.test(error.what) && error.next !== "",
      ));

  test("a longer way than the state has places for is refused, with a file or without", () => {
    const way = (jumps: number): Connection => ({ host: "a", ...(jumps > 0 && { proxy: way(jumps - 1) }) });
    assert.equal(withSshConfig(way(3)).host, "a");
    assert.throws(() => withSshConfig(way(4)), /more than 3 jump hosts in a row/);
  });

  test("a file that is not there, or includes itself, is refused", () => {
    const file = join(dir, "none");
    assert.throws(() => withSshConfig({ host: "web1", sshConfigFile: file }), /none cannot be read/);
    const circle = join(dir, "circle");
    writeFileSync(circle, `Include ${circle}\n`);
    assert.throws(() => withSshConfig({ host: "web1", sshConfigFile: circle }), /includes itself/);
  });

  test("no command of the file is run", () => {
    const canary = join(dir, "canary");
    lookUp(
      `Match exec "touch ${canary}"\n  User ops\nHost web1\n  LocalCommand touch ${canary}\n  PermitLocalCommand yes\n`,
    );
    assert.ok(!existsSync(canary));
  });
});

describe("real hosts by their aliases", { skip: noSshd }, () => {
  let far: Sshd;
  let near: Sshd;
  let target: Sshd;
  before(async () => void ([far, near, target] = await Promise.all([startSshd(), startSshd(), startSshd()])));
  after(() => Promise.all([far.stop(), near.stop(), target.stop()]));

  function file(known: Partial<Record<"far" | "near" | "web1", string>> = {}): string {
    const hosts = { far, near, web1: target };
    const blocks = Object.entries(hosts).map(([name, sshd]) => {
      const knownHosts = config(`[127.0.0.1]:${sshd.port} ${known[name as "far"] ?? sshd.hostKey("ed25519")}\n`);
      return [
        `Host ${name}`,
        `  Hostname 127.0.0.1`,
        `  Port ${sshd.port}`,
        `  User root`,
        `  IdentityFile ${sshd.dir}/client`,
        `  UserKnownHostsFile ${knownHosts}`,
        // Whatever the file says: a key that is not known is refused.
        `  StrictHostKeyChecking no`,
      ].join("\n");
    });
    return config(`${blocks.join("\n")}\nHost web1\n  ProxyJump far,near\n`);
  }
  async function whoami(connection: Connection): Promise<string | undefined> {
    const pool = new Pool({ firstPauseMs: 10 });
    try {
      return (await pool.open("rs1", { dialErrorLimit: 1, ...connection }).run([{ argv: ["id", "-un"] }]))[0]?.stdout;
    } finally {
      await pool.closeAll();
    }
  }

  test("are reached through two jump hosts, each with its own port, key and known_hosts", async () => {
    const logins = [far, near, target].map((sshd) => sshd.logins());
    assert.equal(await whoami({ host: "web1", sshConfigFile: file() }), "root\n");
    assert.deepEqual(
      [far, near, target].map((sshd, index) => sshd.logins() - logins[index]!),
      [1, 1, 1],
    );
  });

  for (const name of ["far", "near", "web1"] as const)
    test(`are not reached when ${name} shows another key than the known one`, async () => {
      const other = readFileSync(join(target.dir, "client.pub"), "utf8").trim();
      const kind = name === "web1" ? "host-key" : "jump";
      const error = await hostError(whoami({ host: "web1", sshConfigFile: file({ [name]: other }) }), kind);
      assert.match(error.message, /^rs1 \(127\.0\.0\.1:\d+ via root@\S+ via root@\S+\): .*host key does not match/);
    });

  test("a key with a passphrase is left to the agent, or opened with what the connection gives", async () => {
    const key = join(near.dir, "locked");
    keygen(key, ["-t", "ed25519", "-N", "right words"]);
    writeFileSync(join(near.dir, "authorized_keys"), readFileSync(`${key}.pub`, "utf8"), { flag: "a" });
    const socket = join(near.dir, "agent");
    const known = config(`[127.0.0.1]:${near.port} ${near.hostKey("ed25519")}\n`);
    const lines = [
      "Host lb1",
      "  HostName 127.0.0.1",
      `  Port ${near.port}`,
      `  IdentityFile ${key}`,
      `  UserKnownHostsFile ${known}`,
    ];
    const alone = config(`${lines.join("\n")}\n  IdentityAgent none\n`);
    assert.match(
      (await hostError(whoami({ host: "lb1", sshConfigFile: alone }), "auth")).message,
      /privateKey is encrypted/,
    );
    const opened = { host: "lb1", sshConfigFile: alone, privateKeyPassword: "right words" };
    assert.equal(await whoami(opened), "root\n");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    try {
      await until("the agent listens", () => existsSync(socket));
      const unlocked = join(near.dir, "unlocked");
      writeFileSync(unlocked, readFileSync(key), { mode: 0o600 });
      execFileSync("ssh-keygen", ["-q", "-p", "-P", "right words", "-N", "", "-f", unlocked]);
      execFileSync("ssh-add", ["-q", unlocked], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "ignore" });
      const asked = config(`${lines.join("\n")}\n  IdentityAgent ${socket}\n`);
      assert.equal(await whoami({ host: "lb1", sshConfigFile: asked }), "root\n");
    } finally {
      agent.kill();
    }
  });
});
