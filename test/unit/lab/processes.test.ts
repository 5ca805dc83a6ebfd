import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findProcesses, killProcesses, markOf, parseStat } from "../../../infra/lab/processes.js";

test("state and session are read behind a name with spaces and brackets", () => {
  assert.deepEqual(parseStat("42 (a) b (c) t 1 40 39 0 -1"), { state: "t", session: 39 });
});

const cmdline = (...words: string[]) => words.map((word) => `${word}\0`).join("");

test("a machine is known by the mark of its kernel, under its own name or that of its start script", () => {
  assert.equal(markOf(cmdline("/usr/bin/linux.uml", "umid=lvs-012345-rs1", "mem=128M")), "lvs-012345-rs1");
  assert.equal(markOf(cmdline("./start", "umid=lvs-012345-rs1")), "lvs-012345-rs1");
  assert.equal(markOf(cmdline("/bin/bash", "./start", "umid=lvs-012345-rs1")), "lvs-012345-rs1");
});

test("a machine on QEMU is known by the name of its guest", () => {
  assert.equal(markOf(cmdline("qemu-system-x86_64", "-name", "guest=lvs-012345-rs1", "-m", "224M")), "lvs-012345-rs1");
  assert.equal(markOf(cmdline("/usr/bin/qemu-system-x86_64", "-name", "guest=other")), undefined);
  assert.equal(markOf(cmdline("less", "guest=lvs-012345-rs1")), undefined);
});

test("a process that only speaks of a mark is not a machine", () => {
  assert.equal(markOf(cmdline("grep", "umid=lvs-012345-rs1")), undefined);
  assert.equal(markOf(cmdline("/bin/bash", "-c", "echo umid=lvs-012345-rs1")), undefined);
  assert.equal(markOf(cmdline("/usr/bin/linux.uml", "umid=other")), undefined);
  assert.equal(markOf(""), undefined);
});

test("killing a machine ends everything in its session and nothing outside", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "lab-processes-"));
  t.after(() => rmSync(dir, { recursive: true }));
  // A shell under the kernel's name: its child carries no mark of its own, like a traced process of a guest.
  symlinkSync("/bin/sh", join(dir, "linux.uml"));
  const script = "sleep 60 & echo ready; wait";
  const start = (mark: string) =>
    spawn(join(dir, "linux.uml"), ["-c", script, `umid=${mark}`], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
  const [victim, bystander] = [start("lvs-ffffff-victim"), start("lvs-ffffff-bystander")];
  t.after(() => process.kill(-(bystander.pid ?? 0), "SIGKILL"));
  await Promise.all([once(victim.stdout, "data"), once(bystander.stdout, "data")]);

  const found = await findProcesses((mark) => mark === "lvs-ffffff-victim");
  assert.equal(found.length, 2);
  assert.deepEqual(
    found.filter((each) => each.leader).map((each) => each.pid),
    [victim.pid],
  );
  const gone = once(victim, "close");
  await killProcesses((mark) => mark === "lvs-ffffff-victim");
  await gone;
  assert.deepEqual(await findProcesses((mark) => mark === "lvs-ffffff-victim"), []);
  assert.equal((await findProcesses((mark) => mark === "lvs-ffffff-bystander")).length, 2);
});
