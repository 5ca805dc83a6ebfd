import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Pool } from "../../../infra/host/ssh-pool.js";
import type { Connection, Host, Step } from "../../../infra/host/types.js";
import { hostError, noSshd } from "./expect.js";
import { childrenOf, kill, type Sshd, type SshdOptions, startSshd, testPassword, testUser } from "./sshd.js";
import { until } from "./until.js";

const skip = noSshd !== false ? noSshd : existsSync("/usr/bin/sudo") ? false : "needs sudo";

describe("becoming root", { skip, concurrency: 3 }, () => {
  /** A host whose user is no root, with the given lines in sudoers. */
  async function withUser(
    options: SshdOptions,
    job: (open: (change?: Partial<Connection>) => Host, log: () => string, sshd: Sshd) => Promise<void>,
  ): Promise<void> {
    const sshd = await startSshd(options);
    const pool = new Pool();
    try {
      await job(
        (change) => pool.open("director-a", { ...sshd.connection, user: testUser, ...change }),
        () => sshd.log(),
        sshd,
      );
    } finally {
      await pool.closeAll();
      await sshd.stop();
    }
  }
  const id = async (host: Host): Promise<string | undefined> => (await host.run([{ argv: ["id", "-un"] }]))[0]?.stdout;
  /** sshd runs `sshrc` before each command, and what it prints comes first. */
  const noisyRc = [
    "cp -r /etc/ssh $dir/ssh",
    `printf 'echo "Welcome to this host"; echo "Password:" >&2\\n' >$dir/ssh/sshrc`,
    "mount --bind $dir/ssh /etc/ssh",
  ];
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

  test("a warning of sudo's that comes in pieces is not taken for its question", () => {
    const pieces = ["sudo: ", "unable to resolve host rs1: ", "Name or service not known\\n"];
    const noise = pieces.map((piece) => `printf "${piece}" >&2; sleep 0.2;`).join(" ");
    return withUser({ ...password, config: [`ForceCommand ${noise} eval "$SSH_ORIGINAL_COMMAND"`] }, async (open) => {
      assert.equal(await id(open({ sudoPassword: testPassword })), "root\n");
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

  for (const [way, sudoers] of [
    ["without a password", nopasswd.sudoers],
    ["with a password", password.sudoers],
    ["with a password and a lecture", [...password.sudoers, "Defaults lecture=always"]],
    ["with a password, by a terminal of its own", [...password.sudoers, "Defaults use_pty"]],
    ["without a password, by a terminal of its own", [...nopasswd.sudoers, "Defaults use_pty"]],
  ] as const)
    test(`a sudo that wants a terminal gets one, ${way}`, () =>
      withUser({ sudoers: [...sudoers, `Defaults:${testUser} requiretty`] }, async (open) => {
        const host = open(sudoers === nopasswd.sudoers ? {} : { sudoPassword: testPassword });
        const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
        const steps: Step[] = [
          { argv: ["id", "-un"] },
          { argv: ["cat"], stdin: "of the command\n" },
          { argv: ["sha256sum"], stdin: bytes },
          { argv: ["seq", "1", "50000"] },
          { argv: ["sh", "-c", "echo to stderr >&2; printf '\\003\\004\\r\\n'"] },
        ];
        const [user, input, sum, long, odd] = await host.run(steps);
        assert.equal(user?.stdout, "root\n");
        assert.equal(input?.stdout, "of the command\n");
        assert.equal(sum?.stdout.split(" ")[0], createHash("sha256").update(bytes).digest("hex"));
        assert.equal(long?.stdout.split("\n").length, 50_001);
        assert.deepEqual([odd?.stdout, odd?.stderr], ["\u0003\u0004\r\n", "to stderr\n"]);
        assert.deepEqual(await Promise.all([id(host), id(host), id(host)]), ["root\n", "root\n", "root\n"]);
      }));

  test("a wrong password at a terminal is refused after one attempt, and not shown", () =>
    withUser({ sudoers: [...password.sudoers, `Defaults:${testUser} requiretty`] }, async (open) => {
      const error = await hostError(id(open({ sudoPassword: "wrong-password" })), "sudo");
      assert.match(error.message, /sudo refuses the password of lvs-test/);
      assert.ok(!error.message.includes("wrong-password"));
    }));

  test("a batch at a terminal runs to its end when the link is cut", () =>
    withUser({ sudoers: [...nopasswd.sudoers, `Defaults:${testUser} requiretty`] }, async (open, _log, sshd) => {
      const done = join(sshd.dir, "done");
      const begun = join(sshd.dir, "begun");
      const steps: Step[] = [
        { argv: ["sh", "-c", `touch ${begun}; sleep 1`], title: "waiting" },
        { argv: ["touch", done] },
      ];
      const run = hostError(open().run(steps), "lost");
      await until("the batch runs", () => existsSync(begun));
      // The process that speaks for the user holds the connection, too.
      for (const pid of sshd.sessions().flatMap((each) => [each, ...childrenOf(each)])) kill(pid, "SIGKILL");
      await run;
      await until("the batch ends", () => existsSync(done));
    }));

  test("a lecture and a shell that prints are passed over", () =>
    withUser({ sudoers: [...password.sudoers, "Defaults lecture=always"], prepare: noisyRc }, async (open) => {
      assert.equal(await id(open({ sudoPassword: testPassword })), "root\n");
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
