import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { LabError } from "../../../infra/lab/errors.js";
import * as inventory from "../../../infra/lab/inventory.js";
import { labPaths } from "../../../infra/lab/paths.js";

const state = mkdtempSync(join(tmpdir(), "lab-inventory-"));
before(() => (process.env.PULUMI_LVS_STATE_DIR = state));
after(() => {
  delete process.env.PULUMI_LVS_STATE_DIR;
  rmSync(state, { recursive: true });
});

const lab = { id: "dev-012345", stack: "dev", root: "/srv", segments: ["lan"], managementSubnet: "198.18.7.0/24" };

test("a lab that was never made is absent, not an error", async () => {
  assert.equal(await inventory.readLab("none-012345"), undefined);
  assert.deepEqual(await inventory.listLabIds(), []);
  assert.deepEqual(await inventory.listMachines("none-012345"), []);
});

test("a record is read back as it was written, for root only, and leaves no temporary file", async () => {
  await inventory.writeLab(lab);
  assert.deepEqual(await inventory.readLab(lab.id), lab);
  assert.equal(statSync(labPaths(lab.id).record).mode & 0o777, 0o600);
  assert.equal(statSync(labPaths(lab.id).dir).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(labPaths(lab.id).dir), ["lab.json"]);
});

test("a broken record is an error that says how to go on, not an absent lab", async () => {
  mkdirSync(labPaths("bad-012345").dir, { recursive: true });
  writeFileSync(labPaths("bad-012345").record, "{");
  await assert.rejects(
    inventory.readLab("bad-012345"),
    (cause) => cause instanceof LabError && cause.message.includes("clean"),
  );
});

test("a machine's folder without a record counts as a name, so that it can be cleared away", async () => {
  mkdirSync(join(labPaths(lab.id).machines, "rs1"), { recursive: true });
  assert.deepEqual(await inventory.listMachineNames(lab.id), ["rs1"]);
  assert.deepEqual(await inventory.listMachines(lab.id), []);
});
