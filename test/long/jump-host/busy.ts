import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import type { Setting } from "../../lab/case-1/setting.js";
import { waitUntil } from "../../lab/support/command.js";
import { succeeded } from "../../lab/support/stack.js";
import { STARTUPS } from "./machines.js";
import { DIALS, type ThroughJumpHost } from "./way.js";

/** Begins as many logins as the jump host lets come at a time, and ends none of them. */
async function occupied(address: string): Promise<Socket[]> {
  const sockets = Array.from({ length: STARTUPS }, () => connect({ host: address, port: 22 }));
  const greeted = sockets.map(
    (socket) => new Promise((resolve, reject) => socket.once("data", resolve).once("error", reject)),
  );
  await Promise.all(greeted);
  return sockets;
}

/** A jump host that has no place for us. */
export function busy(setting: Setting, way: ThroughJumpHost): void {
  const bastion = setting.machine("bastion");
  const dropped = async () =>
    Number(await bastion.succeed("journalctl -u ssh --no-pager | grep -c 'past MaxStartups' || true"));

  test("a busy jump host turns dials away, and they are tried again until it takes them", async (t) => {
    const before = await dropped();
    const sockets = await occupied(way.address);
    try {
      const look = setting.stack.status("--json");
      const away = await waitUntil(
        "the jump host has turned a dial away",
        async () => {
          const now = await dropped();
          return now > before && now - before;
        },
        30,
      );
      for (const socket of sockets) socket.destroy();
      const done = await look;
      t.diagnostic(`figure: ${away} dials turned away by MaxStartups ${STARTUPS} before there was a place`);
      assert.equal(done.code, 0, done.stdout + done.stderr);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });

  test("a jump host that stays busy is given up, by name and with the number of dials", async () => {
    await dropped();
    const sockets = await occupied(way.address);
    try {
      const done = await setting.stack.status("--json");
      assert.equal(done.code, 1, done.stdout + done.stderr);
      const { hosts } = JSON.parse(done.stdout) as { hosts: { host: string; error: string | null }[] };
      const errors = hosts.flatMap(({ host, error }) => (error === null ? [] : [`${host}: ${error}`])).sort();
      assert.equal(errors.length, setting.hosts.length, done.stdout);
      for (const error of errors)
        assert.match(
          error,
          new RegExp(`jump host \\S+ failed: connection closed before the SSH handshake.*, ${DIALS} times`),
        );
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    succeeded(await setting.stack.status());
  });
}
