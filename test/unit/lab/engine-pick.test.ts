import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineChoice } from "../../../infra/lab/engine.js";
import { pickEngine, type Means } from "../../../infra/lab/engine-pick.js";
import { engineOf } from "../../../infra/lab/engines.js";
import { LabError } from "../../../infra/lab/errors.js";
import cases from "../../cases/lab/engine-pick.json";

for (const { title, choice, has, kvm, engine, error } of cases) {
  test(`the engine of a new machine: ${title}`, async () => {
    const means: Means = {
      has: (program) => Promise.resolve((has as string[]).includes(program)),
      kvm: () => Promise.resolve(kvm === true ? { works: true } : { works: false, reason: "it hangs" }),
    };
    const pick = () => pickEngine(choice as EngineChoice | undefined, means);
    if (error === undefined) assert.equal((await pick()).engine.name, engine);
    else await assert.rejects(pick, (cause) => cause instanceof LabError && cause.message === error);
  });
}

test("KVM is not asked for where QEMU is not installed or User-Mode Linux is named", async () => {
  const means: Means = {
    has: (program) => Promise.resolve(program === "uml"),
    kvm: () => Promise.reject(new Error("was asked")),
  };
  assert.equal((await pickEngine(undefined, means)).engine.name, "uml");
  assert.equal((await pickEngine("uml", { ...means, has: () => Promise.resolve(true) })).engine.name, "uml");
});

test("who looks is told why KVM is not taken", async () => {
  const kvm = () => Promise.resolve({ works: false, reason: "/dev/kvm is not there" });
  const { note } = await pickEngine(undefined, { has: () => Promise.resolve(true), kvm });
  assert.equal(note, "lab: KVM is not taken: /dev/kvm is not there");
});

test("a machine of an earlier version keeps User-Mode Linux, and a record with an unknown engine is refused", () => {
  assert.equal(engineOf({ name: "rs1", engine: "uml" }).name, "uml");
  assert.throws(() => engineOf({ name: "rs1", engine: "xen" }), /rs1: engine must be one of uml, kvm, tcg, got "xen"/);
});
