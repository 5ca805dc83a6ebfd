import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { Pool } from "../../../infra/host/ssh-pool.js";
import type { Step } from "../../../infra/host/types.js";
import { hostError, noSshd } from "./expect.js";
import { childrenOf, kill, startSshd, type Sshd } from "./sshd.js";
import { until } from "./until.js";

const ok: Step[] = [{ argv: ["true"] }];

describe("links that break", { skip: noSshd }, () => {
  let sshd: Sshd;
  let pool: Pool;
  beforeEach(async () => {
    sshd = await startSshd();
    pool = new Pool({ keepaliveMs: 100, openMs: 300 });
  });
  afterEach(async () => {
    for (const pid of sshd.sessions()) kill(pid, "SIGCONT");
    await pool.closeAll();
    await sshd.stop();
  });

  /** A batch that says when it has begun, waits for a file, prints, and makes another file. */
  function waiting(): { steps: Step[]; begun: () => boolean; go: () => void; done: () => boolean } {
    const [begun, go, done] = ["begun", "go", "done"].map((name) => join(sshd.dir, name)) as [string, string, string];
    const wait = `touch ${begun}; until [ -e ${go} ]; do sleep 0.02; done`;
    const print: Step = { argv: ["seq", "100000"], title: "printing" };
    return {
      steps: [{ argv: ["sh", "-c", wait], title: "waiting" }, print, { argv: ["touch", done], title: "last" }],
      begun: () => existsSync(begun),
      go: () => writeFileSync(go, ""),
      done: () => existsSync(done),
    };
  }

  const leftOver = (): string[] =>
    readdirSync(`/proc/${sshd.pid}/root/run`).filter((name) => name.startsWith("pulumi-lvs"));

  test("a link cut during a batch is an error, and the batch runs to its end on the host", async () => {
    const batch = waiting();
    const run = hostError(pool.open("director-a", sshd.connection).run(batch.steps), "lost");
    await until("the batch runs", batch.begun);
    for (const pid of sshd.sessions()) kill(pid, "SIGKILL");
    const error = await run;
    assert.match(error.message, /^director-a \(127\.0\.0\.1:\d+\): connection lost \(.*\) during or after "waiting"/);
    assert.equal(leftOver().length, 1);
    batch.go();
    await until("the batch ends", batch.done);
    await until("its temporary files are gone", () => leftOver().length === 0);
  });

  test("a host that falls silent during a batch is noticed", async () => {
    const batch = waiting();
    const run = hostError(pool.open("director-a", sshd.connection).run(batch.steps), "lost");
    await until("the batch runs", batch.begun);
    for (const pid of sshd.sessions()) kill(pid, "SIGSTOP");
    assert.match((await run).message, /no sign of life for 0\.3 s/);
    batch.go();
    await until("the batch ends", batch.done);
  });

  test("a batch that is silent for longer than all limits of the link is not taken for a silent host", async () => {
    const [result] = await pool
      .open("director-a", { ...sshd.connection, perDialTimeout: 0.6 })
      .run([{ argv: ["sh", "-c", "sleep 1; echo done"] }]);
    assert.equal(result?.stdout, "done\n");
  });

  test("a connection that broke between two batches is dialled again", async () => {
    const host = pool.open("director-a", sshd.connection);
    await host.run(ok);
    for (const pid of sshd.sessions()) kill(pid, "SIGKILL");
    await host.run(ok);
    assert.equal(sshd.logins(), 2);
  });

  test("a connection that fell silent between two batches is dialled again", async () => {
    const host = pool.open("director-a", sshd.connection);
    await host.run(ok);
    for (const pid of sshd.sessions()) kill(pid, "SIGSTOP");
    await Promise.all([host.run(ok), host.run(ok)]);
    assert.equal(sshd.logins(), 2);
  });

  test("a host that went down between two batches is unreachable", async () => {
    const host = pool.open("director-a", sshd.connection);
    await host.run(ok);
    const sessions = sshd.sessions();
    kill(sshd.pid, "SIGTERM");
    for (const pid of sessions) kill(pid, "SIGKILL");
    await until("sshd is gone", () => gone(sshd.pid));
    await hostError(host.run(ok), "unreachable");
  });

  test("closing the pool ends the waiting with an error, and leaves the pool usable", async () => {
    const batch = waiting();
    const host = pool.open("director-a", sshd.connection);
    const run = hostError(host.run(batch.steps), "lost");
    await until("the batch runs", batch.begun);
    await pool.closeAll();
    assert.match((await run).message, /closed by this process/);
    batch.go();
    await until("the batch ends", batch.done);
    await host.run(ok);
    assert.equal(sshd.logins(), 2);
  });

  test("an interrupt ends the waiting with its own reason, and the batch goes on", async () => {
    const batch = waiting();
    const host = pool.open("director-a", sshd.connection);
    const stop = new AbortController();
    const reason = new Error("interrupted");
    const run = host.run(batch.steps, { signal: stop.signal });
    await until("the batch runs", batch.begun);
    stop.abort(reason);
    await assert.rejects(run, (error) => error === reason);
    batch.go();
    await until("the batch ends", batch.done);
    await host.run(ok);
    assert.equal(sshd.logins(), 1);
  });

  test("a batch that is cut off on its way does nothing at all", async () => {
    let passed = 0;
    // Lets 300 kB of a script of 1.4 MB through.
    const cutter = createServer((near) => {
      const far = connect(sshd.port, "127.0.0.1");
      for (const socket of [near, far]) socket.on("error", () => undefined);
      far.pipe(near);
      near.on("data", (chunk: Buffer) => {
        passed += chunk.length;
        if (passed < 300_000) return void far.write(chunk);
        near.destroy();
        far.end();
      });
    });
    await new Promise<void>((resolve) => cutter.listen(0, "127.0.0.1", resolve));
    const { port } = cutter.address() as { port: number };
    const file = join(sshd.dir, "touched");
    const steps: Step[] = [{ argv: ["touch", file] }, { argv: ["cat"], stdin: randomBytes(1 << 20) }];
    const shells = new Set<number>();
    const watch = setInterval(
      () =>
        sshd
          .sessions()
          .flatMap(childrenOf)
          .forEach((pid) => shells.add(pid)),
      1,
    );
    try {
      const error = await hostError(pool.open("director-a", { ...sshd.connection, port }).run(steps), "lost");
      assert.match(error.message, /before the batch began/);
    } finally {
      clearInterval(watch);
      cutter.close();
    }
    await until("the session is over", () => sshd.sessions().length === 0);
    await until("its shell is over", () => [...shells].every(gone));
    assert.ok(!existsSync(file));
    await pool.open("director-a", sshd.connection).run(steps);
    assert.ok(existsSync(file));
  });
});

function gone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
