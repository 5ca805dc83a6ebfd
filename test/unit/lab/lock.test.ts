import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { withLock } from "../../../infra/lab/lock.js";
import { labDir, stateDir } from "../../../infra/lab/paths.js";

const parent = mkdtempSync(join(tmpdir(), "lab-lock-"));
before(() => (process.env.PULUMI_LVS_STATE_DIR = join(parent, "state")));
after(() => {
  delete process.env.PULUMI_LVS_STATE_DIR;
  rmSync(parent, { recursive: true, force: true });
});

test("work under the lock never overlaps, also within one process", async () => {
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    for (let n = 0; n < 20; n++) await turn();
    inside--;
  };
  await Promise.all(Array.from({ length: 5 }, () => withLock(work)));
  assert.equal(most, 1);
});

test("the state directory goes with the last lab and stays before", async () => {
  await withLock(async () => void mkdirSync(labDir("dev-012345"), { recursive: true }));
  assert.equal(existsSync(labDir("dev-012345")), true);
  await withLock(async () => rmSync(labDir("dev-012345"), { recursive: true }));
  assert.equal(existsSync(stateDir()), false);
});

test("the lock of a killed process is free at once", async () => {
  const lock = resolve(__dirname, "../../../infra/lab/lock.ts");
  const script = `require(${JSON.stringify(lock)}).withLock(() => new Promise(() => setInterval(() => 0, 1000) && console.log("held")))`;
  const holder = spawn(process.execPath, ["--import", "tsx", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  let taken = false;
  const waiting = withLock(async () => {
    taken = true;
  });
  for (let n = 0; n < 50; n++) await turn();
  assert.equal(taken, false);
  holder.kill("SIGKILL");
  await waiting;
  assert.equal(taken, true);
});
