import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { HostError } from "../../../infra/host/errors.js";
import { Pool } from "../../../infra/host/ssh-pool.js";
import type { Connection, JumpHost, Step } from "../../../infra/host/types.js";
import { hostError, noSshd } from "./expect.js";
import { freePort, keygen, kill, startSshd, type Sshd } from "./sshd.js";
import { until } from "./until.js";

const ok: Step[] = [{ argv: ["sh", "-c", "echo $SSH_CONNECTION"] }];

describe("a jump host", { skip: noSshd }, () => {
  let jump: Sshd;
  let target: Sshd;
  let other: Sshd;
  before(async () => {
    [jump, target, other] = await Promise.all([startSshd(), startSshd(), startSshd()]);
  });
  after(() => Promise.all([jump.stop(), target.stop(), other.stop()]));

  const via = (sshd: Sshd, proxy: Partial<NonNullable<Connection["proxy"]>> = {}): Connection => ({
    ...sshd.connection,
    proxy: { ...jump.connection, ...proxy },
  });
  const anotherKey = (): string => readFileSync(join(jump.dir, "client.pub"), "utf8");

  async function withPool<T>(job: (pool: Pool) => Promise<T>): Promise<T> {
    const pool = new Pool({ keepaliveMs: 100 });
    try {
      return await job(pool);
    } finally {
      await pool.closeAll();
    }
  }

  test("hosts behind it are reached through one connection to it", () =>
    withPool(async (pool) => {
      const logins = jump.logins();
      const hosts = [pool.open("rs1", via(target)), pool.open("rs2", via(other))];
      const results = await Promise.all(hosts.flatMap((host) => [host.run(ok), host.run(ok)]));
      assert.equal(jump.logins() - logins, 1);
      const ports = results.map((steps) => steps[0]?.stdout.trim().split(" ")[3]);
      assert.deepEqual(
        ports,
        [target, target, other, other].map(({ port }) => String(port)),
      );
      // The connection that the target saw came from the jump host's sshd, not from here.
      const from = results[0]?.[0]?.stdout.split(" ")[1];
      assert.ok(target.log().includes(`port ${from}`));
    }));

  test("its changed key is refused", () =>
    withPool(async (pool) => {
      const error = await hostError(pool.open("rs1", via(target, { hostKey: anotherKey() })).run(ok), "jump");
      assert.match(
        error.message,
        /^rs1 \(127\.0\.0\.1:\d+ via root@127\.0\.0\.1:\d+\): jump host .* does not match the pinned/,
      );
      assert.ok(error.cause instanceof HostError);
      assert.equal(error.cause.kind, "host-key");
    }));

  test("the changed key of a host behind it is refused", () =>
    withPool(async (pool) => {
      await hostError(pool.open("rs1", { ...via(target), hostKey: anotherKey() }).run(ok), "host-key");
    }));

  describe("behind another one", () => {
    const chain = (change: { far?: Partial<JumpHost>; near?: Partial<JumpHost> } = {}): Connection => ({
      ...target.connection,
      proxy: { ...other.connection, ...change.near, proxy: { ...jump.connection, ...change.far } },
    });

    test("leads on to the host, each with its own key, one of them with a passphrase", () =>
      withPool(async (pool) => {
        const file = join(other.dir, "encrypted");
        keygen(file, ["-t", "ed25519", "-N", "right words"]);
        writeFileSync(join(other.dir, "authorized_keys"), readFileSync(`${file}.pub`, "utf8"), { flag: "a" });
        const near = { privateKey: readFileSync(file, "utf8"), privateKeyPassword: "right words" };
        const logins = [jump, other, target].map((sshd) => sshd.logins());
        const [result] = await pool.open("rs1", chain({ near })).run(ok);
        assert.equal(result?.stdout.trim().split(" ")[3], String(target.port));
        assert.deepEqual(
          [jump, other, target].map((sshd, index) => sshd.logins() - logins[index]!),
          [1, 1, 1],
        );
      }));

    for (const [which, change] of [
      ["farther", { far: true }],
      ["nearer", { near: true }],
    ] as const)
      test(`the changed key of the ${which} one is refused`, () =>
        withPool(async (pool) => {
          const hostKey = { hostKey: anotherKey() };
          const connection = chain("far" in change ? { far: hostKey } : { near: hostKey });
          const error = await hostError(pool.open("rs1", connection).run(ok), "jump");
          assert.match(
            error.message,
            /^rs1 \(127\.0\.0\.1:\d+ via root@\S+ via root@\S+\): jump host .* does not match the pinned/,
          );
          let cause: unknown = error;
          while (cause instanceof HostError && cause.kind === "jump") cause = cause.cause;
          assert.equal((cause as HostError).kind, "host-key");
        }));
  });

  test("an unreachable one is told from an unreachable host behind it", () =>
    withPool(async (pool) => {
      const port = await freePort();
      const error = await hostError(pool.open("rs1", via(target, { port })).run(ok), "jump");
      assert.equal((error.cause as HostError).kind, "unreachable");
      const behind = await hostError(pool.open("rs1", { ...via(target), port }).run(ok), "unreachable");
      assert.match(behind.message, /no TCP connection from the jump host/);
    }));

  test("one that forwards nothing is told so", () =>
    withPool(async (pool) => {
      const strict = await startSshd({ config: ["AllowTcpForwarding no"] });
      try {
        const error = await hostError(pool.open("rs1", via(target, strict.connection)).run(ok), "jump");
        assert.match(error.message, /refuses to forward .*Next: allow it in the jump host's sshd_config/);
      } finally {
        await strict.stop();
      }
    }));

  test("a host behind it that falls silent is noticed, and the others go on", () =>
    withPool(async (pool) => {
      const slow: Step[] = [{ argv: ["sleep", "1"], title: "sleeping" }];
      let stopped: number[] = [];
      const stop = (): void => {
        stopped = target.sessions();
        for (const pid of stopped) kill(pid, "SIGSTOP");
      };
      try {
        const silent = hostError(pool.open("rs1", via(target)).run(slow, { onStep: stop }), "lost");
        const [error, good] = await Promise.all([silent, pool.open("rs2", via(other)).run(slow)]);
        assert.match(error.message, /no sign of life/);
        assert.equal(good[0]?.code, 0);
      } finally {
        for (const pid of stopped) kill(pid, "SIGKILL");
      }
    }));

  test("a host behind it is dialled again when the jump host's connection broke", () =>
    withPool(async (pool) => {
      const host = pool.open("rs1", via(target));
      await host.run(ok);
      for (const pid of jump.sessions()) kill(pid, "SIGKILL");
      await until("the session is over", () => jump.sessions().length === 0);
      assert.equal((await host.run(ok)).length, 1);
    }));
});
