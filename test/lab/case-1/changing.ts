import assert from "node:assert/strict";
import test from "node:test";
import { waitUntil } from "../support/command.js";
import { slowDownload } from "../support/slow-download.js";
import { succeeded } from "../support/stack.js";
import { Load } from "../support/traffic.js";
import type { Setting } from "./setting.js";

/** What changes cost while clients ask; `test/long/reliability.test.ts` has them one by one, under a larger load. */
export function changing(setting: Setting): void {
  const { changed, client, directorA, directorB, ensureUp, healed, rs1, rs2, stack, vip } = setting;
  /** Bytes of a download that is under way for as long as a director may take to come to its real server. */
  const length = 4_000_000;
  /** On the client: from then on it goes fast. */
  const hurry = "/run/hurry";
  test("a real server that drains keeps its download, beside a new VRRP password: no request fails", async (t) => {
    for (const server of [rs1, rs2]) await server.succeed(`head -c ${length} /dev/zero >/var/www/html/slow`);
    // Before all else, so that each real server gets one of them.
    const downloads = Promise.all([1, 2].map(() => slowDownload(client, vip, 10_000, hurry)));
    await waitUntil(
      "each real server has a download",
      async () =>
        new Set([...(await directorA.succeed("ipvsadm -Lnc")).matchAll(/ESTABLISHED .* (\S+)$/gm)].map(([, to]) => to))
          .size === 2,
      10,
    );
    const load = await Load.start(client, vip, { rate: 50 });
    // Looked at there: a look over SSH each moment would slow the director down.
    const atWeight0 = "until ipvsadm -Sn | grep -q ' -r 192.168.184.13:80 .* -w 0'; do sleep 0.5; done";
    const [up] = await Promise.all([
      stack.up(
        changed((cluster) => {
          cluster.realServers[1].drain = true;
          // Its module is in use when the next up gives it up; it must be gone in the end all the same.
          cluster.services[0].scheduler = "wlc";
          cluster.vrrp.authPass = "anders12";
        }),
      ),
      directorA.succeed(`timeout 600 sh -c "${atWeight0}"`).then(() => client.succeed(`touch ${hurry}`)),
    ]);
    const done = succeeded(up);
    const seen = await load.stop();
    t.diagnostic(
      `figure: drain and password: ${seen.failed} of ${seen.requests} requests failed, longest gap ${seen.longestGap.toFixed(2)} s`,
    );
    assert.equal(seen.failed, 0, JSON.stringify(seen.reasons));
    assert.match(done.stdout, /rs2: \d+ active connections?; waiting until they end/);
    assert.deepEqual(
      (await downloads).map(({ stdout }) => stdout),
      [`200 ${length}`, `200 ${length}`],
    );
    for (const director of [directorA, directorB])
      assert.ok((await director.table()).every((rule) => !rule.includes("192.168.184.13")));
    await healed(directorA);
    await directorB.succeed("systemctl is-active --quiet keepalived");
  });

  test("a real server comes back once it was checked: no request fails", async (t) => {
    // The page of the test before, also when that one failed: a destroy would find it.
    for (const server of [rs1, rs2]) await server.succeed("rm /var/www/html/slow");
    await client.succeed(`rm -f ${hurry}`);
    const load = await Load.start(client, vip, { rate: 50 });
    await ensureUp();
    const seen = await load.stop();
    t.diagnostic(`figure: a real server comes back: ${seen.failed} of ${seen.requests} requests failed`);
    assert.equal(seen.failed, 0, JSON.stringify(seen.reasons));
    assert.ok(seen.bodies["rs2"], JSON.stringify(seen.bodies));
  });
}
