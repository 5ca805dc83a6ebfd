import assert from "node:assert/strict";
import test from "node:test";
import { succeeded } from "../support/stack.js";
import type { Machine } from "../support/machine.js";
import { directorA, directorB, healed, pages, rs1, stack, whole } from "./setting.js";

interface HandEdit {
  title: string;
  machine: Machine;
  command: string;
  /** What the refresh must name beside the host. */
  named: RegExp;
}

const edits: HandEdit[] = [
  {
    title: "an ARP sysctl set back to 0 on a real server",
    machine: rs1,
    command: "sysctl -w net.ipv4.conf.all.arp_ignore=0",
    named: /rs1: sysctls\["net\.ipv4\.conf\.all\.arp_ignore"\]/,
  },
  {
    title: "the VIP removed from lo",
    machine: rs1,
    command: "ip address delete 192.168.184.100/32 dev lo",
    named: /rs1: addresses\["lo 192\.168\.184\.100\/32"\]/,
  },
  {
    title: "a line changed in keepalived.conf",
    machine: directorB,
    command: "sed -i 's/delay_loop 3/delay_loop 33/' /etc/keepalived/keepalived.conf",
    named: /director-b: files\["\/etc\/keepalived\/keepalived\.conf"\]\.content/,
  },
  {
    title: "an entry deleted with ipvsadm",
    machine: directorA,
    command: "ipvsadm -d -t 192.168.184.100:80 -r 192.168.184.12:80",
    named: /director-a: table\["tcp 192\.168\.184\.100:80"\]\.realServers\["192\.168\.184\.12:80"\]/,
  },
  {
    title: "the ipvsadm package removed from the master",
    machine: directorA,
    command: "apt-get -qq purge -y ipvsadm",
    named: /director-a: packages\.ipvsadm/,
  },
  {
    title: "the keepalived package removed from the backup",
    machine: directorB,
    command: "apt-get -qq purge -y keepalived",
    named: /director-b: packages\.keepalived/,
  },
];

/** Hand edits: found by refresh, repaired by the next up. */
export function drift(): void {
  for (const { title, machine, command, named } of edits)
    test(`${title} is named by refresh and repaired by the next up`, async () => {
      await machine.succeed(command);
      const gate = await stack.refresh(whole, "--preview-only", "--expect-no-changes");
      assert.notEqual(gate.code, 0, "a gate that looks for drift must not pass");
      const found = succeeded(await stack.refresh(whole));
      assert.match(found.stdout + found.stderr, named);
      succeeded(await stack.up(whole));
      succeeded(await stack.refresh(whole, "--preview-only", "--expect-no-changes"));
      await healed(directorA);
      assert.deepEqual([...new Set(await pages(6))].sort(), ["rs1", "rs2"]);
    });
}
