import assert from "node:assert/strict";
import test from "node:test";
import { differences, snapshots } from "../support/snapshot.js";
import { succeeded } from "../support/stack.js";
import { machineProcesses, traces } from "../support/traces.js";
import type { Setting } from "./setting.js";

/** Removal. */
export function leaving(setting: Setting): void {
  const { found, id, stack } = setting;
  test("destroy with the hosts kept leaves them as they were found", async (t) => {
    const done = succeeded(await stack.up(setting.labOnly));
    t.diagnostic(`figure: cluster removed from kept hosts in ${done.seconds.toFixed(0)} s`);
    assert.deepEqual(differences(setting.before, await snapshots(found)), []);
  });

  test("destroy of the lab leaves no process, link, namespace, mount or file", async (t) => {
    const there = await traces(id);
    const machines = setting.found.length + 1;
    // Namespace, management link, mount, folder, and each of the machines: every search sees a lab that is there.
    assert.ok(there.length >= 4 + machines, there.join("\n"));
    assert.ok((await machineProcesses(id)).length >= machines);
    const done = succeeded(await stack.destroy(setting.labOnly));
    t.diagnostic(`figure: lab destroyed in ${done.seconds.toFixed(0)} s`);
    assert.deepEqual(await traces(id), []);
  });
}
