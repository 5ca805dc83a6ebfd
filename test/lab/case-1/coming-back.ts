import assert from "node:assert/strict";
import test from "node:test";
import { waitUntil } from "../support/command.js";
import { succeeded } from "../support/stack.js";
import { directorA, directorB, healed, pages, rs1, rs2, stack, whole } from "./setting.js";

/** Machines that die come back. */
export function comingBack(): void {
  test("a killed machine and a purged keepalived are found by refresh, and the next up boots and installs", async () => {
    await Promise.all([rs1.crash(), directorB.succeed("apt-get -qq purge -y keepalived")]);
    const found = succeeded(await stack.refresh(whole));
    const printed = found.stdout + found.stderr;
    assert.match(printed, /rs1: the machine does not run/);
    assert.match(printed, /director-b: packages\.keepalived/);
    succeeded(await stack.up(whole));
    assert.deepEqual([...new Set(await pages(6))].sort(), ["rs1", "rs2"]);
    await directorB.succeed(
      "systemctl is-active keepalived && ipvsadm -Sn | grep -q -- '-r 192.168.184.12:80 -g -w 1'",
    );
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
