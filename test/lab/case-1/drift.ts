import assert from "node:assert/strict";
import test from "node:test";
import { succeeded } from "../support/stack.js";
import type { Machine } from "../support/machine.js";
import type { Setting } from "./setting.js";

interface HandEdit {
  title: string;
  machine: Machine;
  command: string;
  /** What the refresh must name beside the host. */
  named: RegExp;
  /** Exits 0 when the edit is undone. */
  repaired: string;
}

// Each edit is on a resource of its own, so that no repair can hide behind another.
const editsOf = ({ directorA, directorB, rs1, rs2 }: Setting): HandEdit[] => [
  {
    title: "an ARP sysctl set back to 0 on a real server",
    machine: rs1,
    command: "sysctl -w net.ipv4.conf.all.arp_ignore=0",
    named: /rs1: sysctls\["net\.ipv4\.conf\.all\.arp_ignore"\]/,
    repaired: "test $(sysctl -n net.ipv4.conf.all.arp_ignore) = 1",
  },
  {
    title: "the VIP removed from lo",
    machine: rs2,
    command: "ip address delete 192.168.184.100/32 dev lo",
    named: /rs2: addresses\["lo 192\.168\.184\.100\/32"\]/,
    repaired: "ip address show dev lo | grep -q 'inet 192.168.184.100/32.* lo:3'",
  },
  {
    // One of them is what directors must agree on.
    title: "lines changed in keepalived.conf",
    machine: directorB,
    command: "sed -i 's/delay_loop 3$/delay_loop 33/; s/advert_int 1$/advert_int 2/' /etc/keepalived/keepalived.conf",
    named: /director-b: files\["\/etc\/keepalived\/keepalived\.conf"\]\.content/,
    repaired:
      "grep -q 'delay_loop 3$' /etc/keepalived/keepalived.conf && grep -q 'advert_int 1$' /etc/keepalived/keepalived.conf",
  },
  {
    title: "the ipvsadm package removed from a director",
    machine: directorB,
    command: "apt-get -qq purge -y ipvsadm",
    named: /director-b: packages\.ipvsadm/,
    repaired: "ipvsadm -Sn | grep -q -- '-r 192.168.184.12:80 -g -w 1'",
  },
  {
    title: "an entry deleted with ipvsadm",
    machine: directorA,
    command: "ipvsadm -d -t 192.168.184.100:80 -r 192.168.184.12:80",
    named: /director-a: table\["tcp 192\.168\.184\.100:80"\]\.realServers\["192\.168\.184\.12:80"\]/,
    repaired: "ipvsadm -Sn | grep -q -- '-r 192.168.184.12:80 -g -w 1'",
  },
];

/** Hand edits: found by refresh, repaired by the next up. */
export function drift(setting: Setting): void {
  const { directorA, healed, pages, stack } = setting;
  const edits = editsOf(setting);
  let printed = "";
  test(`${edits.length} hand edits: npm run drift shows them and exits 7, a refresh ends well`, async () => {
    await Promise.all(edits.map(({ machine, command }) => machine.succeed(command)));
    const shown = await stack.drift(setting.whole);
    assert.equal(shown.code, 7, shown.stdout + shown.stderr);
    for (const [host, what] of [
      ["director-a", "table"],
      ["director-b", "packages"],
      ["director-b", "advert_int 2"],
      ["rs1", "sysctls"],
      ["rs2", "addresses"],
    ])
      assert.match(shown.stdout, new RegExp(`│ ${host} .*${what}`));
    const found = succeeded(await stack.refresh(setting.whole));
    printed = found.stdout + found.stderr;
  });

  for (const { title, named } of edits)
    test(`${title} is named by refresh with host and property`, () => assert.match(printed, named));

  test(`the next up repairs all ${edits.length}, and traffic flows`, async () => {
    succeeded(await stack.up(setting.whole));
    await healed(directorA);
    assert.deepEqual([...new Set(await pages(6))].sort(), ["rs1", "rs2"]);
    const after = await stack.drift(setting.whole);
    assert.deepEqual([after.code, /no drift$/m.test(after.stdout)], [0, true], after.stdout + after.stderr);
  });

  for (const { title, machine, repaired } of edits)
    test(`${title} is repaired`, async () => void (await machine.succeed(repaired)));
}
