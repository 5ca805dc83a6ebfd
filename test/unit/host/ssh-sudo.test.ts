import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import { Pool } from "../../../infra/host/ssh-pool.js";
import type { Connection, Host } from "../../../infra/host/types.js";
import { hostError, noSshd } from "./expect.js";
import { type SshdOptions, startSshd, testPassword, testUser } from "./sshd.js";

const skip = noSshd !== false ? noSshd : existsSync("/usr/bin/sudo") ? false : "needs sudo";

describe("becoming root", { skip, concurrency: 3 }, () => {
  /** A host whose user is no root, with the given lines in sudoers. */
  async function withUser(
    options: SshdOptions,
    job: (open: (change?: Partial<Connection>) => Host, log: () => string) => Promise<void>,
  ): Promise<void> {
    const sshd = await startSshd(options);
    const pool = new Pool();
    try {
      await job(
        (change) => pool.open("director-a", { ...sshd.connection, user: testUser, ...change }),
        () => sshd.log(),
      );
    } finally {
      await pool.closeAll();
      await sshd.stop();
    }
  }
  const id = async (host: Host): Promise<string | undefined> => (await host.run([{ argv: ["id", "-un"] }]))[0]?.stdout;
  const nopasswd = { sudoers: [`${testUser} ALL=(ALL) NOPASSWD: ALL`] };
  const password = { sudoers: [`${testUser} ALL=(ALL) ALL`] };

  test("a user other than root becomes root by sudo, unless told not to", () =>
    withUser(nopasswd, async (open) => {
      assert.equal(await id(open()), "root\n");
      assert.equal(await id(open({ sudo: false })), `${testUser}\n`);
    }));

  test("a password that sudo does not ask for reaches no shell", () =>
    withUser(nopasswd, async (open) => {
      const results = await open({ sudoPassword: "touch /run/by-password" }).run([{ argv: ["ls", "/run"] }]);
      assert.doesNotMatch(results[0]?.stdout ?? "", /by-password/);
    }));

  test("a password that was given to something else than sudo's question reaches no shell", () => {
    const noise = `ForceCommand printf "noise like a question:" >&2; sleep 0.2; eval "$SSH_ORIGINAL_COMMAND"`;
    return withUser({ ...nopasswd, config: [noise] }, async (open) => {
      const results = await open({ sudoPassword: "touch /run/by-password" }).run([{ argv: ["ls", "/run"] }]);
      assert.doesNotMatch(results[0]?.stdout ?? "", /by-password/);
    });
  });

  test("the right password opens, also with input for the commands and several batches at once", () =>
    withUser(password, async (open) => {
      const host = open({ sudoPassword: testPassword });
      const [result] = await host.run([{ argv: ["cat"], stdin: "of the command\n" }]);
      assert.equal(result?.stdout, "of the command\n");
      assert.deepEqual(await Promise.all([id(host), id(host), id(host)]), ["root\n", "root\n", "root\n"]);
    }));

  test("a wrong password is refused after one attempt, and not shown", () =>
    withUser(password, async (open, log) => {
      const error = await hostError(id(open({ sudoPassword: "wrong-password" })), "sudo");
      assert.match(error.message, /^director-a \(127\.0\.0\.1:\d+\): sudo refuses the password of lvs-test\. Next: /);
      assert.ok(!error.message.includes("wrong-password"));
      assert.ok(!log().includes("wrong-password"));
    }));

  test("a missing password is asked for", () =>
    withUser(password, async (open) => {
      assert.match(
        (await hostError(id(open()), "sudo")).message,
        /sudo wants a password and none was given.*sudoPassword/,
      );
    }));

  test("a user that sudoers does not know is told so, with and without a password", () =>
    withUser({}, async (open) => {
      const error = await hostError(id(open({ sudoPassword: testPassword })), "sudo");
      assert.match(error.message, /not in sudoers.*NOPASSWD/);
      await hostError(id(open()), "sudo");
    }));

  test("a sudo that wants a terminal is told so", () =>
    withUser({ sudoers: [...nopasswd.sudoers, `Defaults:${testUser} requiretty`] }, async (open) => {
      assert.match((await hostError(id(open()), "sudo")).message, /requiretty/);
    }));

  test("a host without sudo is told so", () =>
    withUser(
      {
        config: ["SetEnv PATH=/run/only-env"],
        prepare: ["mkdir /run/only-env", "ln -s /usr/bin/env /run/only-env/env"],
      },
      async (open) => {
        const message = /sudo is not installed\. Next: install it, or connect as root/;
        assert.match((await hostError(id(open()), "sudo")).message, message);
        assert.match((await hostError(id(open({ sudoPassword: testPassword })), "sudo")).message, message);
      },
    ));

  test("no process shows the password", () =>
    withUser(password, async (open) => {
      // The pattern does not match itself.
      const pattern = testPassword.replace(/^./, "[$&]");
      const look = `grep -lae '${pattern}' /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; true`;
      const host = open({ sudoPassword: testPassword });
      const [found] = await host.run([{ argv: ["sh", "-c", look] }]);
      assert.equal(found?.stdout, "");
      // What is looked for in this way is found when it is there.
      const [control] = await host.run([{ argv: ["env", `SHOWN=${testPassword}`, "sh", "-c", look] }]);
      assert.match(control?.stdout ?? "", /cmdline/);
      assert.match(control?.stdout ?? "", /environ/);
    }));
});
