import assert from "node:assert/strict";
import test from "node:test";
import { waitUntil } from "../support/command.js";
import { succeeded } from "../support/stack.js";
import { directorA, directorB, healed, pages, rs1, rs2, stack, whole } from "./setting.js";

/** Machines that die come back. */
export function comingBack(): void {
  test("a killed machine is found by refresh and booted by the next up", async () => {
    await rs1.crash();
    const found = succeeded(await stack.refresh(whole));
    assert.match(found.stdout + found.stderr, /rs1: the machine does not run/);
    succeeded(await stack.up(whole));
    assert.deepEqual([...new Set(await pages(6))].sort(), ["rs1", "rs2"]);
  });

  test("every host comes back from a power cut by itself, and the cluster serves", async () => {
    for (const host of [rs1, rs2, directorB, directorA]) {
      await host.crash();
      await host.start();
    }
    await healed(directorA, 60);
    await waitUntil("both real servers answer", async () => new Set(await pages(6)).size === 2, 60);
    succeeded(await stack.gate(whole));
  });
}
