import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { QEMU } from "../../../infra/lab/engine-qemu.js";
import { bootTinyGuest } from "../../../infra/lab/kvm-probe.js";

const skip = spawnSync(QEMU, ["--version"]).status === 0 ? false : `${QEMU} is not installed`;
const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith("lvs-kvm-"));

test("the tiny guest does its work and says so, on a CPU that is surely there: an emulated one", { skip }, async () => {
  const before = leftovers();
  assert.deepEqual(await bootTinyGuest("tcg", 60), { works: true });
  assert.deepEqual(leftovers(), before);
});

test("a guest that is not done in time does not work, and its QEMU is gone", { skip }, async () => {
  const begin = Date.now();
  const probe = await bootTinyGuest("tcg", 0.01);
  assert.deepEqual(probe, { works: false, reason: "a tiny guest was not done within 0.01 s" });
  assert.ok(Date.now() - begin < 30_000);
});

test("this computer's KVM is judged within the limit, whatever it does", { skip }, async (t) => {
  const begin = Date.now();
  const { works, reason } = await bootTinyGuest("kvm", 3);
  t.diagnostic(`KVM here: ${works ? "works" : reason}`);
  assert.equal(works, reason === undefined);
  assert.ok(Date.now() - begin < 30_000);
});
