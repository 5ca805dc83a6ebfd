import assert from "node:assert/strict";
import { test } from "node:test";
import { requireMachine } from "../../../infra/lab/index.js";
import { HostError } from "../../../infra/host/errors.js";
import { Pool } from "../../../infra/host/ssh-pool.js";
import type { Setting } from "../../lab/case-1/setting.js";
import { hostKeyOf } from "../../lab/case-1/way.js";
import type { Machine } from "../../lab/support/machine.js";
import { ADMIN, INSIDE, JUMP } from "./machines.js";
import type { ThroughJumpHost } from "./way.js";

/** `<user> <address>` of every login by key since the machine was booted. */
export async function logins(machine: Machine): Promise<string[]> {
  const journal = await machine.succeed("journalctl -b -u ssh --no-pager -o cat");
  return [...journal.matchAll(/^Accepted publickey for (\S+) from (\S+) port/gm)].map(
    ([, user, address]) => `${user} ${address}`,
  );
}

/** Logins on all hosts that were not the test's own look over the management network. */
export async function loginsOfOurs({ hosts }: Setting): Promise<string[]> {
  const all = await Promise.all(hosts.map(logins));
  return all.flat().filter((login) => !/^root 198\.1[89]\./.test(login));
}

/** There is no other way than through the jump host, and it was taken. */
export function passage(setting: Setting, { credentials }: ThroughJumpHost): void {
  test("every login on the hosts came from the jump host, as the user that is not root", async (t) => {
    const all = await loginsOfOurs(setting);
    t.diagnostic(`figure: ${all.length} logins on the hosts since their last boot, all of them through the jump host`);
    assert.ok(all.includes(`${ADMIN} ${INSIDE}`), all.join());
    // Beside the one without sudo, which a test before has tried.
    assert.deepEqual(
      all.filter((login) => !login.endsWith(` ${INSIDE}`) || login.startsWith("root ")),
      [],
    );
    const through = (await logins(setting.machine("bastion"))).filter((login) => login.startsWith(`${JUMP} `));
    assert.ok(through.length > 0, "the jump host has let us in");
  });

  test("the same user and key are turned away by every host when they do not come from the jump host", async () => {
    const pool = new Pool();
    try {
      for (const { name } of setting.hosts) {
        const { host, sudoPassword } = credentials;
        const direct = pool.open(name, {
          ...{ host: (await requireMachine(setting.id, name)).managementAddress, user: ADMIN, sudoPassword },
          ...{ privateKey: host.privateKey, privateKeyPassword: host.passphrase },
          hostKey: await hostKeyOf(setting.id, name),
        });
        await assert.rejects(
          direct.run([{ argv: ["true"] }]),
          (error: unknown) => error instanceof HostError && error.kind === "auth",
        );
      }
    } finally {
      await pool.closeAll();
    }
  });
}
