import assert from "node:assert/strict";
import test from "node:test";
import { waitUntil } from "../support/command.js";
import { succeeded } from "../support/stack.js";
import type { Setting } from "./setting.js";

/** Machines that die come back. */
export function comingBack(setting: Setting): void {
  const { directorA, directorB, healed, pages, rs1, rs2, stack, way } = setting;
  test("a killed machine and a purged keepalived are found by refresh, and the next up boots and installs", async () => {
    await Promise.all([rs1.crash(), directorB.succeed("apt-get -qq purge -y keepalived")]);
    const found = await stack.refresh(setting.whole);
    const printed = found.stdout + found.stderr;
    // Of a host that is switched off and none of the lab's, nobody can say what is on it.
    assert.equal(found.code === 0, way.bootsHosts, printed);
    assert.match(printed, /rs1: the machine does not run/);
    assert.match(printed, /director-b: packages\.keepalived/);
    if (!way.bootsHosts) await rs1.start();
    succeeded(await stack.up(setting.whole));
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
    succeeded(await stack.gate(setting.whole));
  });
}
