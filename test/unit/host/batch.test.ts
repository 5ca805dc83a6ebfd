import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { compile } from "../../../infra/host/batch.js";
import { CommandError } from "../../../infra/host/errors.js";
import { localHost } from "../../../infra/host/local.js";
import type { Step } from "../../../infra/host/types.js";
import { hostError } from "./expect.js";
import { shells } from "./shells.js";
import { until } from "./until.js";

let dir: string;
before(() => void (dir = mkdtempSync(join(tmpdir(), "lvs-batch-"))));
after(() => rmSync(dir, { recursive: true }));
const words = (...args: string[]): Step => ({ argv: ["sh", "-c", 'printf "%s\\0" "$@"', "sh", ...args] });

/** Random strings made of what shells, printf and here-documents stumble over; the seed makes a failure repeatable. */
function nastyStrings(count: number, seed: number): string[] {
  const pieces = [
    "'",
    '"',
    "$",
    "`",
    "\\",
    "\n",
    "\t",
    " ",
    "!",
    "#",
    "%s",
    "*",
    "~",
    "&",
    ";",
    "|",
    "<<E",
    "${x}",
    "$(id)",
  ];
  pieces.push(
    "-n",
    "--",
    "=",
    "\r",
    "\x01",
    "\x7f",
    "\x81",
    "ä",
    "漢字",
    "🙂",
    "\u0080",
    "\u0088",
    "a",
    "\\n",
    "\\'",
    "{",
    "}",
  );
  let state = seed;
  const next = (below: number): number => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: next(12) }, () => pieces[next(pieces.length)]).join(""),
  );
}

for (const shell of shells) {
  const host = localHost("here", shell);
  const name = shell.join(" ");

  test(`${name}: arguments arrive byte for byte, whatever is in them`, async () => {
    const seed = randomBytes(3).readUIntBE(0, 3);
    const args = nastyStrings(400, seed);
    const [result] = await host.run([words(...args)]);
    assert.deepEqual(result?.stdout.split("\0").slice(0, -1), args, `seed ${seed}`);
  });

  test(`${name}: standard input arrives byte for byte, text and binary`, async () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const inputs = [
      "plain\n",
      "no newline",
      "'$x' `y` \\\n\\n\n\n",
      "ä\n",
      "",
      every,
      randomBytes(1 << 20),
      "EOF\nE\n",
    ];
    const hash = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
    const results = await host.run(inputs.map((stdin) => ({ argv: ["sha256sum"], stdin })));
    assert.deepEqual(
      results.map(({ stdout }) => stdout.slice(0, 64)),
      inputs.map(hash),
    );
  });

  test(`${name}: a batch gives a result for each step, and stops at the first that fails`, async () => {
    const file = join(dir, `after-${randomBytes(4).toString("hex")}`);
    const ok: Step[] = [
      { argv: ["sh", "-c", "echo out; echo err >&2; exit 3"], accept: [3] },
      { argv: ["sh", "-c", "exit 77"], accept: "any" },
      { argv: ["true"] },
    ];
    const results = await host.run(ok);
    assert.deepEqual(results[0], { argv: ok[0]?.argv, code: 3, stdout: "out\n", stderr: "err\n" });
    assert.deepEqual(
      results.map(({ code }) => code),
      [3, 77, 0],
    );
    const failing: Step[] = [
      { argv: ["true"] },
      { argv: ["sh", "-c", "echo why >&2; exit 5"] },
      { argv: ["touch", file] },
    ];
    const error = await hostError(host.run(failing), "command");
    assert.ok(error instanceof CommandError);
    assert.deepEqual([error.code, error.stderr, existsSync(file)], [5, "why\n", false]);
    assert.equal(error.message, "here: \"sh -c 'echo why >&2; exit 5'\" exited 5\nwhy");
  });

  test(`${name}: a command that is not there, or is ended by a signal, is a failed command`, async () => {
    const missing = await hostError(host.run([{ argv: ["no-such-command"] }]), "command");
    assert.match(missing.message, /^here: "no-such-command" exited 127\n/);
    const killed = await hostError(host.run([{ argv: ["sh", "-c", "kill -9 $$"] }]), "command");
    assert.match(killed.message, /exited 137/);
  });

  test(`${name}: a hanging command is ended at its limit, also when every code is accepted`, async () => {
    const mark = `1${randomBytes(4).readUInt32BE()}`;
    const error = await hostError(host.run([{ argv: ["sleep", mark], timeoutSeconds: 1, accept: "any" }]), "timeout");
    assert.equal(error.message, `here: "sleep ${mark}" was ended after its limit of 1 s`);
    assert.ok(!running(mark));
    const [own] = await host.run([{ argv: ["sh", "-c", "exit 124"], accept: [124] }]);
    assert.equal(own?.code, 124);
  });

  test(`${name}: no part of a script does anything`, () => {
    const file = join(dir, `cut-${randomBytes(4).toString("hex")}`);
    const { script } = compile(
      [{ argv: ["touch", file], stdin: "some text\nof lines\n" }, { argv: ["true"] }],
      "a".repeat(32),
    );
    const run = (bytes: Buffer): void => void spawnSync(shell[0] as string, shell.slice(1), { input: bytes });
    const trimmed = script.toString().trimEnd().length;
    for (let cut = 1; cut < trimmed; cut += cut > trimmed - 40 ? 1 : 37) {
      run(script.subarray(0, cut));
      assert.ok(!existsSync(file), `${cut} of ${script.length} bytes did something`);
    }
    run(script);
    assert.ok(existsSync(file));
  });

  test(`${name}: a daemon that a command leaves behind neither delays nor garbles the answer`, async () => {
    const flag = join(dir, `daemon-${randomBytes(4).toString("hex")}`);
    const daemon = `(until [ -e ${flag} ]; do echo still here; sleep 0.01; done; touch ${flag}.ended) & echo started`;
    const results = await host.run([
      { argv: ["sh", "-c", daemon] },
      { argv: ["sleep", "0.1"] },
      { argv: ["echo", "done"] },
    ]);
    assert.match(results[0]?.stdout ?? "", /started\n/);
    assert.deepEqual([results[1]?.stdout, results[2]?.stdout], ["", "done\n"]);
    await host.run([{ argv: ["touch", flag] }]);
    await until("the daemon ends", () => existsSync(`${flag}.ended`));
  });
}

test("titled steps are told as they begin, while the batch runs", async () => {
  const flag = join(dir, "go");
  const wait = `until [ -e ${flag} ]; do sleep 0.01; done`;
  const told: string[] = [];
  const batch = localHost().run(
    [{ argv: ["true"], title: "first" }, { argv: ["true"] }, { argv: ["sh", "-c", wait], title: "second" }],
    { onStep: (title) => told.push(title) },
  );
  await until("both titles", () => told.length === 2);
  await localHost().run([{ argv: ["touch", flag] }]);
  await batch;
  assert.deepEqual(told, ["first", "second"]);
});

test("commands see a plain environment: C locale, a path with sbin, the root folder, no input", async () => {
  const show = 'echo "$LC_ALL|$PWD|$PATH|$TMPDIR"; umask; cat';
  const [result] = await localHost().run([{ argv: ["sh", "-c", show] }]);
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  assert.equal(result?.stdout, `C|/|${path}|\n0022\n`);
});

test("what waits for a batch can be aborted, before it and during it, and the batch goes on", async () => {
  const flag = join(dir, "aborted");
  const stop = new AbortController();
  const reason = new Error("interrupted");
  const steps: Step[] = [{ argv: ["sleep", "0.3"], title: "begun" }, { argv: ["touch", flag] }];
  const batch = localHost().run(steps, { signal: stop.signal, onStep: () => stop.abort(reason) });
  await assert.rejects(batch, (error) => error === reason);
  await assert.rejects(localHost().run(steps, { signal: stop.signal }), (error) => error === reason);
  await until("the batch ends", () => existsSync(flag));
});

test("the folder of a batch's temporary files is gone when its answer is here", async () => {
  const where: Step = { argv: ["readlink", "/proc/self/fd/1"], stdin: randomBytes(100) };
  const [good] = await localHost().run([where]);
  const error = await hostError(
    localHost().run([where, { argv: ["readlink", "-e", "/proc/self/fd/1", "/none"] }]),
    "command",
  );
  assert.ok(error instanceof CommandError);
  for (const file of [good?.stdout, error.stdout]) {
    assert.match(file ?? "", /^\/\w.*\/pulumi-lvs\.\w+\/o\d\n$/);
    assert.ok(!existsSync(dirname(file as string)));
  }
});

test("no secret of a standard input is in an error, even if the command prints it", async () => {
  const secret = `auth_pass ${randomBytes(8).toString("hex")}`;
  const run = localHost().run([{ argv: ["sh", "-c", "cat >&2; exit 1"], stdin: `vrrp {\n  ${secret}\n}\n` }]);
  const error = await hostError(run, "command");
  assert.ok(error instanceof CommandError);
  assert.ok(!`${error.message}${error.stderr}${error.stdout}${JSON.stringify(error)}`.includes(secret), error.message);
});

test("steps that no shell can run are refused before anything runs", async () => {
  await assert.rejects(localHost().run([{ argv: [] }]), /step 0: argv must name a command/);
  await assert.rejects(localHost().run([{ argv: ["true"] }, { argv: ["echo", "a\0b"] }]), /step 1: .*NUL/);
  assert.deepEqual(await localHost().run([]), []);
});

test("a host that sends the script back shows nothing of it", async () => {
  for (const stdin of ["a secret of one line\n", `a secret that is long ${"x".repeat(2 << 20)}\n`]) {
    const echo = localHost("here", ["/bin/cat"]).run([{ argv: ["cat"], stdin }]);
    const error = await hostError(echo, "protocol");
    assert.match(error.message, /the script itself, sent back/);
    assert.doesNotMatch(error.message, /secret|xxx/);
  }
});

test("a shell that cannot be started, or is none, is an error that says so", async () => {
  await hostError(localHost("here", ["/no/such/shell"]).run([{ argv: ["true"] }]), "lost");
  const error = await hostError(localHost("here", ["/bin/cat"]).run([{ argv: ["true"] }]), "protocol");
  assert.match(error.message, /^here \(this machine\): /);
});

function running(argument: string): boolean {
  return readdirSync("/proc").some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(argument);
    } catch {
      return false; // It has ended since.
    }
  });
}

for (const shell of shells) {
  const host = localHost("here", shell);

  test(`${shell.join(" ")}: what a running command tells is shown after its title, and nothing of it is mixed into what it prints`, async () => {
    const told: string[] = [];
    const go = join(dir, `go-${shells.indexOf(shell)}`);
    const text = `echo "waiting for 'another' one, 2 s" >&3; until [ -e ${go} ]; do sleep 0.05; done; echo said`;
    const running = host.run(
      [{ argv: ["sh", "-c", text], title: "installing a", tells: true }, { argv: ["echo", "next"] }],
      { onStep: (title) => told.push(title) },
    );
    await until("the words", () => told.length === 2);
    writeFileSync(go, "");
    const results = await running;
    assert.deepEqual(told, ["installing a", "installing a: waiting for 'another' one, 2 s"]);
    assert.deepEqual(
      results.map(({ stdout }) => stdout),
      ["said\n", "next\n"],
    );
  });

  test(`${shell.join(" ")}: a command that tells fails, and runs into its limit, like any other`, async () => {
    const telling = (text: string): Step => ({
      argv: ["sh", "-c", text],
      title: "x",
      tells: true,
      timeoutSeconds: 1,
    });
    await assert.rejects(host.run([telling("echo one >&3; exit 7")]), (error: CommandError) => error.code === 7);
    await hostError(host.run([telling("echo one >&3; sleep 30")]), "timeout");
  });
}
