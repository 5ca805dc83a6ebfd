import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { Pool } from "../../../infra/host/ssh-pool.js";
import type { Step } from "../../../infra/host/types.js";
import { hostError, noSshd } from "./expect.js";
import { startSshd, type Sshd } from "./sshd.js";
import { until } from "./until.js";

const ok: Step[] = [{ argv: ["true"] }];

describe("batches over SSH", { skip: noSshd, concurrency: 4 }, () => {
  let sshd: Sshd;
  let pool: Pool;
  before(async () => {
    sshd = await startSshd({ config: ["Banner /etc/passwd"] });
    writeFileSync(join(sshd.dir, ".bashrc"), "echo noise of an rc file; echo more of it >&2\n");
    pool = new Pool();
  });
  after(async () => {
    await pool.closeAll();
    await sshd.stop();
  });

  test("a hundred batches at once share one connection, and each gets its own answer", async () => {
    // With an sshd of its own: the tests beside this one log in as well.
    const apart = await startSshd();
    const own = new Pool();
    const hosts = ["a", "b"].map((name) => own.open(name, apart.connection));
    try {
      const run = async (i: number) => hosts[i % 2]?.run([{ argv: ["echo", String(i)] }]);
      const results = await Promise.all(Array.from({ length: 100 }, (_, i) => run(i)));
      assert.deepEqual(
        results.map((one) => one?.[0]?.stdout),
        Array.from({ length: 100 }, (_, i) => `${i}\n`),
      );
      assert.equal(apart.logins(), 1);
    } finally {
      await own.closeAll();
      await apart.stop();
    }
  });

  test("a host that allows fewer sessions at a time gets fewer", async () => {
    const strict = await startSshd({ config: ["MaxSessions 2"] });
    const own = new Pool();
    try {
      const host = own.open("rs1", strict.connection);
      await Promise.all(Array.from({ length: 25 }, () => host.run(ok)));
      assert.equal(strict.logins(), 1);
    } finally {
      await own.closeAll();
      await strict.stop();
    }
  });

  test("sessions that given up batches still hold do not block the host", async () => {
    const strict = await startSshd({ config: ["MaxSessions 1"] });
    const own = new Pool();
    const flag = join(strict.dir, "go");
    try {
      const host = own.open("rs1", strict.connection);
      const stop = new AbortController();
      const wait = `until [ -e ${flag} ]; do sleep 0.02; done; touch ${flag}.seen`;
      const given = host.run([{ argv: ["sh", "-c", wait], title: "wait" }], {
        signal: stop.signal,
        onStep: () => stop.abort(new Error("interrupted")),
      });
      await assert.rejects(given, /interrupted/);
      await host.run(ok);
      assert.equal(strict.logins(), 2);
    } finally {
      writeFileSync(flag, "");
      await until("the given up batch ends", () => existsSync(`${flag}.seen`));
      await own.closeAll();
      await strict.stop();
    }
  });

  test("a host that opens no session at all is told so", async () => {
    const none = await startSshd({ config: ["MaxSessions 0"] });
    const own = new Pool();
    try {
      const error = await hostError(own.open("rs1", none.connection).run(ok), "protocol");
      assert.match(error.message, /host opens no session .*Next: raise MaxSessions/);
    } finally {
      await own.closeAll();
      await none.stop();
    }
  });

  test("a megabyte of binary input arrives intact, and megabytes of output come back", async () => {
    const stdin = randomBytes(1 << 20);
    const many: Step = { argv: ["head", "-c", "7000000", "/dev/zero"] };
    const [sum, zeros] = await pool.open("rs1", sshd.connection).run([{ argv: ["sha256sum"], stdin }, many]);
    assert.equal(sum?.stdout.slice(0, 64), createHash("sha256").update(stdin).digest("hex"));
    assert.equal(zeros?.stdout.length, 7_000_000);
  });

  test("a command that prints too much fails its batch, and the connection stays good", async () => {
    const host = pool.open("rs1", sshd.connection);
    const logins = sshd.logins();
    const flood: Step = { argv: ["head", "-c", "9000000", "/dev/zero"] };
    assert.match((await hostError(host.run([flood]), "protocol")).message, /"head" printed more than 8 MiB/);
    await host.run(ok);
    assert.ok(sshd.logins() - logins <= 1);
  });

  test("a hanging command is ended on the host within its limit, even one that ignores SIGTERM", async () => {
    const host = pool.open("rs1", sshd.connection);
    const mark = `3${randomBytes(4).readUInt32BE()}`;
    const deaf = `trap "" TERM; while :; do sleep ${mark}; done`;
    const start = performance.now();
    const [meek, stubborn] = await Promise.all([
      hostError(host.run([{ argv: ["sleep", mark], timeoutSeconds: 1 }]), "timeout"),
      hostError(host.run([{ argv: ["sh", "-c", deaf], timeoutSeconds: 1 }]), "timeout"),
    ]);
    assert.ok(performance.now() - start < 9000);
    assert.equal(meek.message, `rs1: "sleep ${mark}" was ended after its limit of 1 s`);
    assert.match(stubborn.message, /was ended after its limit of 1 s/);
    await until("no process of them is left", () => !seenInProcesses(mark, "cmdline"));
  });

  test("no process shows a secret of a standard input, in its arguments or environment", async () => {
    const text = `text-${randomBytes(8).toString("hex")}`;
    const binary = Buffer.from(`\0binary-${randomBytes(8).toString("hex")}`);
    const flag = join(sshd.dir, "looked");
    const began = join(sshd.dir, "began");
    const wait = `cat >/dev/null; touch ${began}; until [ -e ${flag} ]; do sleep 0.01; done`;
    const later: Step = { argv: ["cat"], stdin: binary };
    const run = pool.open("rs1", sshd.connection).run([{ argv: ["sh", "-c", wait], stdin: `${text}\n` }, later]);
    await until("the command runs", () => existsSync(began));
    const secrets = [text, binary.toString("base64").slice(0, 20), binary.subarray(1).toString()];
    // What is looked for in this way is found when it is there.
    assert.ok(seenInProcesses(flag, "cmdline"));
    for (const secret of secrets) {
      for (const place of ["cmdline", "environ"] as const)
        assert.ok(!seenInProcesses(secret, place), `${place}: ${secret}`);
    }
    writeFileSync(flag, "");
    assert.equal((await run)[1]?.stdout, binary.toString());
  });

  test("an idle connection does not keep the process alive", async () => {
    const argv = ["--import", "tsx", join(__dirname, "fixtures/idle.ts")];
    const env = { ...process.env, LVS_TEST_CONNECTION: JSON.stringify(sshd.connection) };
    const { stdout } = await promisify(execFile)(process.execPath, argv, { env, timeout: 10_000 });
    assert.equal(stdout, "done\n");
  });

  test("a batch goes on when nothing but its connection keeps the process alive", async () => {
    const argv = ["--import", "tsx", join(__dirname, "fixtures/idle.ts"), "0.3"];
    const env = { ...process.env, LVS_TEST_CONNECTION: JSON.stringify(sshd.connection) };
    const { stdout } = await promisify(execFile)(process.execPath, argv, { env, timeout: 10_000 });
    assert.equal(stdout, "done\n");
  });

  const busybox = "/usr/bin/busybox";
  test("a host that has only busybox works", { skip: existsSync(busybox) ? false : "needs busybox" }, async () => {
    const tools = ["timeout", "base64", "mktemp", "cat", "rm", "sleep"].map(
      (tool) => `mount --bind ${busybox} /usr/bin/${tool}`,
    );
    const small = await startSshd({ prepare: [...tools, `mount --bind ${busybox} /usr/bin/dash`] });
    const own = new Pool();
    try {
      const host = own.open("rs1", small.connection);
      const binary = randomBytes(5000);
      const [sum] = await host.run([{ argv: ["sha256sum"], stdin: binary }, ...ok]);
      assert.equal(sum?.stdout.slice(0, 64), createHash("sha256").update(binary).digest("hex"));
      await hostError(host.run([{ argv: ["sleep", "100"], timeoutSeconds: 1 }]), "timeout");
    } finally {
      await own.closeAll();
      await small.stop();
    }
  });

  const elsewhere: Record<string, { prepare: string[]; at: RegExp }> = {
    "/run is read-only": { prepare: ["mount -o remount,ro /run"], at: /^\/dev\/shm\// },
    "/run is full": {
      prepare: ["mount -o remount,size=64k /run", "head -c 1M /dev/zero >/run/full || true"],
      at: /^\/dev\/shm\//,
    },
    "/run and /dev/shm are read-only": {
      prepare: ["mount -o remount,ro /run", "mount -t tmpfs -o ro tmpfs /dev/shm"],
      at: /^\/tmp\//,
    },
  };
  for (const [title, { prepare, at }] of Object.entries(elsewhere)) {
    test(`temporary files go elsewhere when ${title}`, async () => {
      const tight = await startSshd({ prepare });
      const own = new Pool();
      try {
        const [where] = await own.open("rs1", tight.connection).run([{ argv: ["readlink", "/proc/self/fd/1"] }]);
        assert.match(where?.stdout ?? "", at);
      } finally {
        await own.closeAll();
        await tight.stop();
      }
    });
  }

  test("a host without any place for temporary files is told so, and nothing is run", async () => {
    const mounts = ["/dev/shm", "/var/tmp"].map((at) => `mount -t tmpfs -o ro tmpfs ${at}`);
    const tmp = [
      "mount --bind /tmp /tmp",
      "mount -o remount,bind,ro /tmp",
      "mount --bind $dir $dir",
      "mount -o remount,bind,rw $dir",
    ];
    const tight = await startSshd({ prepare: ["mount -o remount,ro /run", ...mounts, ...tmp] });
    const own = new Pool();
    const file = join(tight.dir, "touched");
    try {
      const error = await hostError(own.open("rs1", tight.connection).run([{ argv: ["touch", file] }]), "protocol");
      assert.match(error.message, /no place for temporary files/);
      assert.ok(!existsSync(file));
    } finally {
      await own.closeAll();
      await tight.stop();
    }
  });
});

function seenInProcesses(text: string, place: "cmdline" | "environ"): boolean {
  return readdirSync("/proc").some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/${place}`, "latin1").includes(text);
    } catch {
      return false; // It has ended since.
    }
  });
}
