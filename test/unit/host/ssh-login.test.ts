import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { Pool } from "../../../infra/host/ssh-pool.js";
import type { Connection, Step } from "../../../infra/host/types.js";
import { hostError, noSshd } from "./expect.js";
import { freePort, keygen, type Sshd, startSshd, testPassword, testUser } from "./sshd.js";
import { until } from "./until.js";

const whoami: Step[] = [{ argv: ["id", "-un"] }];

describe("logging in", { skip: noSshd }, () => {
  let sshd: Sshd;
  let pool: Pool;
  before(async () => {
    sshd = await startSshd({ hostKeys: ["ed25519", "ecdsa", "rsa"], config: ["PasswordAuthentication yes"] });
    pool = new Pool({ firstPauseMs: 10 });
  });
  afterEach(() => pool.closeAll());
  after(() => sshd.stop());

  const user = async (change: Partial<Connection>): Promise<string | undefined> =>
    (await pool.open("director-a", { ...sshd.connection, sudo: false, ...change }).run(whoami))[0]?.stdout;
  const refused = (kind: Parameters<typeof hostError>[1], change: Partial<Connection>) => hostError(user(change), kind);

  for (const type of ["ed25519", "ecdsa", "rsa"]) {
    test(`a host with several keys is known by its pinned ${type} key`, async () => {
      assert.equal(await user({ hostKey: sshd.hostKey(type) }), "root\n");
    });
  }

  test("another key than the pinned one is refused at the first attempt", async () => {
    const hostKey = readFileSync(join(sshd.dir, "client.pub"), "utf8");
    const logins = sshd.logins();
    const error = await refused("host-key", { hostKey, dialErrorLimit: 5 });
    const start = `director-a (127.0.0.1:${sshd.port}): host key does not match the pinned one (got SHA256:`;
    assert.ok(error.message.startsWith(start), error.message);
    assert.match(error.next, /ssh-keyscan -t ed25519 -p \d+ 127\.0\.0\.1/);
    assert.equal(sshd.logins(), logins);
  });

  test("a host without a key of the pinned type is refused", async () => {
    const one = await startSshd({ hostKeys: ["rsa"] });
    try {
      const error = await refused("host-key", { port: one.port, hostKey: sshd.hostKey("ed25519") });
      assert.match(error.message, /no key of the pinned type/);
    } finally {
      await one.stop();
    }
  });

  test("known_hosts decides when nothing is pinned", async () => {
    const file = join(sshd.dir, "known_hosts");
    writeFileSync(file, `[127.0.0.1]:${sshd.port} ${sshd.hostKey("rsa")}\n`);
    execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
    assert.equal(await user({ hostKey: undefined, knownHostsFile: file }), "root\n");
    await pool.closeAll();
    writeFileSync(file, `127.0.0.1 ${sshd.hostKey("rsa")}\n`);
    const error = await refused("host-key", { hostKey: undefined, knownHostsFile: file });
    assert.match(error.message, /host key is not known/);
    assert.match(error.next, /ssh-keyscan .* hostKey, or add the line to /);
  });

  test("an unchecked host key is warned about at each connection", async () => {
    const warnings: string[] = [];
    const connection = { ...sshd.connection, hostKey: undefined, insecureIgnoreHostKey: true };
    const host = pool.open("rs1", connection, { warn: (message) => warnings.push(message) });
    await host.run(whoami);
    await host.run(whoami);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^rs1 \(127\.0\.0\.1:\d+\): host key is not checked/);
  });

  test("a key that the host does not take is refused with the ways that it offers", async () => {
    const file = join(sshd.dir, "stranger");
    keygen(file, ["-t", "ed25519"]);
    const error = await refused("auth", { privateKey: readFileSync(file, "utf8"), dialErrorLimit: 5 });
    assert.match(error.message, /host refused user root \(tried: key SHA256:\S+; it offers: publickey, ?password\)/);
    assert.match(error.next, /~root\/\.ssh\/authorized_keys/);
  });

  test("an encrypted key needs its passphrase, and the right one", async () => {
    const file = join(sshd.dir, "encrypted");
    if (!existsSync(file)) keygen(file, ["-t", "ed25519", "-N", "right words"]);
    const keys = join(sshd.dir, "authorized_keys");
    writeFileSync(keys, `${readFileSync(keys, "utf8")}${readFileSync(`${file}.pub`, "utf8")}`);
    const privateKey = readFileSync(file, "utf8");
    assert.equal(await user({ privateKey, privateKeyPassword: "right words" }), "root\n");
    const wrong = await refused("auth", { privateKey, privateKeyPassword: "wrong words" });
    assert.match(wrong.message, /privateKeyPassword does not open the privateKey/);
    assert.ok(!wrong.message.includes("wrong words"));
    assert.match((await refused("auth", { privateKey })).message, /privateKey is encrypted/);
  });

  test("a text that is no key, or a public key, is told from a refused one", async () => {
    assert.match((await refused("auth", { privateKey: "secret text" })).message, /is not a private key/);
    const privateKey = readFileSync(join(sshd.dir, "client.pub"), "utf8");
    assert.match((await refused("auth", { privateKey })).message, /privateKey is a public key/);
  });

  test("a PEM key as openssl writes it works", async () => {
    const file = join(sshd.dir, "pem");
    keygen(file, ["-t", "rsa", "-b", "2048", "-m", "PEM"]);
    const keys = join(sshd.dir, "authorized_keys");
    writeFileSync(keys, `${readFileSync(keys, "utf8")}${readFileSync(`${file}.pub`, "utf8")}`);
    assert.equal(await user({ privateKey: readFileSync(file, "utf8") }), "root\n");
  });

  test("a password works where it is asked for as such, and a wrong one is not shown", async () => {
    const password = { user: testUser, privateKey: undefined };
    assert.equal(await user({ ...password, password: testPassword }), `${testUser}\n`);
    const error = await refused("auth", { ...password, password: "wrong-password" });
    assert.match(error.message, /tried: password; it offers: publickey, ?password/);
    assert.ok(!error.message.includes("wrong-password"));
  });

  test("a password works where it is asked for interactively", async () => {
    const config = ["UsePAM yes", "KbdInteractiveAuthentication yes", "PasswordAuthentication no"];
    const pam = await startSshd({ config });
    try {
      const change = { port: pam.port, hostKey: pam.hostKey("ed25519"), user: testUser, privateKey: undefined };
      assert.equal(await user({ ...change, password: testPassword }), `${testUser}\n`);
      const error = await refused("auth", { ...change, password: "wrong-password" });
      assert.match(error.message, /asked for interactively/);
    } finally {
      await pam.stop();
    }
  });

  test("an agent's key works, and an agent that is not there is named", async () => {
    const socket = join(sshd.dir, "agent");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    try {
      await until("the agent listens", () => existsSync(socket));
      const env = { ...process.env, SSH_AUTH_SOCK: socket };
      execFileSync("ssh-add", ["-q", join(sshd.dir, "client")], { env, stdio: "ignore" });
      assert.equal(await user({ privateKey: undefined, agentSocketPath: socket }), "root\n");
    } finally {
      agent.kill();
    }
    const none = join(sshd.dir, "no-agent");
    const error = await refused("auth", { privateKey: undefined, agentSocketPath: none });
    assert.ok(
      error.message.includes(`keys of the agent at ${none}`) && error.message.includes("Failed to connect to agent"),
      error.message,
    );
  });

  test("a connection without any way to log in is refused before it is dialled", async () => {
    const before = process.env["SSH_AUTH_SOCK"];
    delete process.env["SSH_AUTH_SOCK"];
    try {
      assert.match((await refused("auth", { privateKey: undefined })).message, /no way to log in as root/);
    } finally {
      if (before !== undefined) process.env["SSH_AUTH_SOCK"] = before;
    }
  });

  test("a port that nothing listens on is named at once", async () => {
    const port = await freePort();
    const start = performance.now();
    const error = await refused("unreachable", { port });
    assert.ok(performance.now() - start < 1000);
    assert.match(
      error.message,
      new RegExp(`^director-a \\(127\\.0\\.0\\.1:${port}\\): no TCP connection .*ECONNREFUSED`),
    );
    assert.match(error.message, /Next: see that the host is up/);
  });

  test("a host that comes up late is waited for, up to the limit of attempts", async () => {
    const port = await freePort();
    const waits: string[] = [];
    const connection = { ...sshd.connection, port, dialErrorLimit: 3 };
    const host = pool.open("rs2", connection, { waiting: (message) => waits.push(message) });
    assert.match((await hostError(host.run(whoami), "unreachable")).message, /, 3 times\. Next/);
    assert.equal(waits.length, 2);
    let late: Promise<Sshd> | undefined;
    const patient = pool.open(
      "rs2",
      { ...connection, dialErrorLimit: -1, insecureIgnoreHostKey: true, hostKey: undefined },
      {
        waiting: () => void (late ??= startSshd({ port })),
      },
    );
    // The late host has a client key of its own, so it answers this one with a refusal: it was reached.
    await hostError(patient.run(whoami), "auth");
    await (await late)?.stop();
  });

  test("something that listens and says nothing, or is no SSH server, is told so", async () => {
    const mute = createServer((socket) => socket.on("error", () => undefined));
    const web = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    for (const server of [mute, web]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const at = (server: typeof mute) => ({ port: (server.address() as { port: number }).port, perDialTimeout: 0.3 });
      assert.match((await refused("unreachable", at(mute))).message, /no SSH banner within 0\.3 s/);
      assert.match((await refused("unreachable", at(web))).message, /before the SSH handshake/);
    } finally {
      await pool.closeAll();
      for (const server of [mute, web]) server.close();
    }
  });

  test("a name that does not exist is not tried again", async () => {
    const error = await refused("unreachable", { host: "no-such-host.invalid", dialErrorLimit: 50 });
    assert.match(error.message, /^director-a \(no-such-host\.invalid:\d+\): no TCP connection \(getaddrinfo/);
  });
});
