import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { Pool } from "../../../infra/host/ssh-pool.js";
import type { Connection, Step } from "../../../infra/host/types.js";
import { hostError, noSshd } from "./expect.js";
import { type SshdOptions, startSshd } from "./sshd.js";

const id: Step[] = [{ argv: ["id", "-un"] }];

describe("a real sshd", { skip: noSshd, concurrency: 2 }, () => {
  async function withSshd(
    options: SshdOptions,
    job: (connection: Connection, log: () => string) => Promise<void>,
  ): Promise<void> {
    const sshd = await startSshd(options);
    try {
      await job(sshd.connection, () => sshd.log());
    } finally {
      await sshd.stop();
    }
  }
  async function whoami(connection: Connection): Promise<string | undefined> {
    const pool = new Pool();
    try {
      return (await pool.open("rs1", connection).run(id))[0]?.stdout;
    } finally {
      await pool.closeAll();
    }
  }

  const noisy: [string, SshdOptions][] = [
    [
      "with a banner of many kilobytes in colours",
      {
        config: ["Banner /run/banner"],
        prepare: [`yes "$(printf '\\033[31mAuthorised use only\\033[0m \\377')" | head -n 500 >/run/banner`],
      },
    ],
    ["whose root has an rc file that prints", { prepare: [`echo 'echo hello; echo trouble >&2' >$dir/.bashrc`] }],
    [
      "whose commands go through one that prints first",
      { config: [`ForceCommand printf 'Welcome\\r\\nno end'; printf 'trouble' >&2; eval "$SSH_ORIGINAL_COMMAND"`] },
    ],
  ];
  for (const [title, options] of noisy)
    test(`${title} is understood`, () =>
      withSshd(options, async (connection) => assert.equal(await whoami(connection), "root\n")));

  test("whose commands are all replaced by another one is told so", () =>
    withSshd({ config: ["ForceCommand echo 'only backups here'"] }, async (connection) => {
      const error = await hostError(whoami(connection), "protocol");
      assert.match(error.message, /before the batch began, without an answer \("only backups here"\)\. Next: /);
    }));

  test("whose login shell lets nobody in is told so", () =>
    withSshd(
      {
        prepare: [
          "sed 's#^root:.*#root:x:0:0:root:/:/usr/sbin/nologin#' $dir/etc/passwd >$dir/passwd",
          "cat $dir/passwd >/etc/passwd",
        ],
      },
      async (connection) => {
        const error = await hostError(whoami(connection), "protocol");
        assert.match(error.message, /This account is currently not available/);
      },
    ));

  test("that takes few dials at a time is reached by many, which try again", () =>
    withSshd({ config: ["MaxStartups 2:100:2"] }, async (connection, log) => {
      // One pool each, as so many processes have.
      const all = Array.from({ length: 12 }, () => whoami({ ...connection, dialErrorLimit: 20 }));
      assert.deepEqual(new Set(await Promise.all(all)), new Set(["root\n"]));
      assert.match(log(), /drop connection|past MaxStartups/, "no dial was turned away");
    }));

  test("that turns a dial away each time is told so, with what may be the cause", () =>
    withSshd({ config: ["MaxStartups 1:100:1", "LoginGraceTime 30"] }, async (connection) => {
      // Somebody else holds the only place: a connection that never logs in.
      const idle = connect({ host: "127.0.0.1", port: connection.port ?? 22 });
      try {
        await new Promise((resolve) => idle.once("data", resolve));
        const error = await hostError(whoami({ ...connection, dialErrorLimit: 2 }), "unreachable");
        assert.match(error.message, /connection closed before the SSH handshake \(.+\), 2 times\. Next: .*MaxStartups/);
      } finally {
        idle.destroy();
      }
    }));
});
