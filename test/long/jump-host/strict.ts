import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { labPaths, requireMachine } from "../../../infra/lab/index.js";
import type { Setting } from "../../lab/case-1/setting.js";
import { leaks } from "../../lab/support/leaks.js";
import type { Machine } from "../../lab/support/machine.js";
import { succeeded } from "../../lab/support/stack.js";
import { loginsOfOurs } from "./passage.js";
import type { ThroughJumpHost } from "./way.js";

const KEY = "/etc/ssh/ssh_host_ed25519_key";
// The former pair waits where a reboot would take it: a test that dies leaves a machine that is made anew anyhow.
const change = `mkdir -p /run/former && cp -a ${KEY} ${KEY}.pub /run/former/
rm ${KEY} ${KEY}.pub && ssh-keygen -q -t ed25519 -N '' -f ${KEY} && systemctl restart ssh && cat ${KEY}.pub`;
const putBack = `cp -a /run/former/* /etc/ssh/ && rm -r /run/former && systemctl restart ssh`;

/** Does something while a machine proves itself with another key; the test's own look at it goes on. */
async function withAnotherKey({ id }: Setting, machine: Machine, work: () => Promise<void>): Promise<void> {
  const { knownHosts } = labPaths(id);
  const former = readFileSync(knownHosts, "utf8");
  const [type, key] = (await machine.succeed(change)).split(" ");
  appendFileSync(knownHosts, `${(await requireMachine(id, machine.name)).managementAddress} ${type} ${key}\n`);
  try {
    await work();
  } finally {
    await machine.succeed(putBack);
    writeFileSync(knownHosts, former);
  }
}

const PROBE = "/etc/host-key-probe";

/** Changed host keys. */
export function strict(setting: Setting, way: ThroughJumpHost): void {
  const { directorA, directorB, hosts, rs1, rs2, stack } = setting;
  const bastion = setting.machine("bastion");
  const probing = () =>
    setting.changed((cluster) => {
      for (const host of [...cluster.directors, ...cluster.realServers])
        host.files = { ...host.files, [PROBE]: "there\n" };
    });
  const has = async (machine: Machine) => (await machine.run(`test -e ${PROBE}`)).code === 0;

  /** An up that fails, in which no secret is printed. */
  async function refused(): Promise<string> {
    const done = await stack.up(probing());
    const printed = done.stdout + done.stderr;
    assert.notEqual(done.code, 0, printed);
    assert.deepEqual(leaks(way.secrets(), { printed }), []);
    return printed;
  }

  const mismatch = (pinned: boolean) =>
    pinned
      ? "host key does not match the pinned one \\(got SHA256:\\S+, pinned SHA256:\\S+\\)"
      : "host key does not match \\S+/known_hosts \\(got SHA256:\\S+, known SHA256:\\S+\\)";

  test("a real server with a changed host key is refused, and nothing is done on it", async (t) => {
    await withAnotherKey(setting, rs1, async () => {
      const printed = await refused();
      const said = new RegExp(`rs1 ${way.place}: ${mismatch(false)}\\. Next: .*ssh-keyscan.*`).exec(printed);
      assert.ok(said, printed);
      t.diagnostic(`seen: ${said[0].slice(0, 240)}`);
      assert.ok(!(await has(rs1)), "nothing is written where the key is another one");
      assert.ok(await has(rs2), "another host has its change");
      // The backup's host is prepared beside the real servers; nobody is told to serve before they are ready.
      assert.ok(!(await has(directorA)), "the master waits for all real servers");
    });
    await setting.ensureUp();
  });

  test("a director with a changed host key is refused, and the master is not touched", async () => {
    await withAnotherKey(setting, directorB, async () => {
      const printed = await refused();
      assert.match(printed, new RegExp(`director-b ${way.place}: ${mismatch(true)}\\. Next: \\S+`));
      for (const director of [directorA, directorB]) assert.ok(!(await has(director)), director.name);
    });
    await setting.ensureUp();
    for (const host of hosts) assert.ok(!(await has(host)), `${host.name}: the next up takes the probe away`);
  });

  test("a jump host with a changed host key is refused for every host, and none of them hears of us", async (t) => {
    const before = await loginsOfOurs(setting);
    await withAnotherKey(setting, bastion, async () => {
      const printed = await refused();
      for (const [name, pinned] of [
        ["director-b", true],
        ["rs1", false],
        ["rs2", false],
      ] as const) {
        const said = new RegExp(`${name} ${way.place}: jump host \\S+ failed: ${mismatch(pinned)}\\. Next: \\S+`).exec(
          printed,
        );
        assert.ok(said, `${name}: ${printed}`);
        t.diagnostic(`seen: ${said[0].slice(0, 240)}`);
      }
      const look = await stack.status("--json");
      assert.equal(look.code, 1, look.stdout + look.stderr);
      assert.equal(look.stdout.match(/host key does not match/g)?.length, hosts.length, look.stdout);
      assert.deepEqual(await loginsOfOurs(setting), before, "nobody has passed the jump host");
      for (const host of hosts) assert.ok(!(await has(host)), host.name);
    });
    succeeded(await stack.status());
    succeeded(await stack.gate(setting.whole));
  });
}
