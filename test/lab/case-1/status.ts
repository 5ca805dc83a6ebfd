import assert from "node:assert/strict";
import test from "node:test";
import { waitUntil } from "../support/command.js";
import { succeeded } from "../support/stack.js";
import { statusIsTrue, StatusWatch } from "../support/status.js";
import type { Setting } from "./setting.js";

const STOPPED = "director-a: keepalived does not run";

/** What status shows, against what the hosts' own tools say. */
export function status(setting: Setting): void {
  const { directorA, directorB, healed, pages, rs1, stack } = setting;
  test("status says what ipvsadm, /proc/net/ip_vs_stats and ip say on the directors at that moment", async (t) => {
    await healed(directorA);
    await pages(8);
    const { clusters, hosts } = await statusIsTrue(stack, [directorA, directorB]);
    assert.deepEqual(hosts.map(({ host, role, error }) => [host, role, error]).sort(), [
      ["director-a", "director", null],
      ["director-b", "director", null],
      ["rs1", "real server", null],
      ["rs2", "real server", null],
    ]);
    const [cluster] = clusters;
    assert.ok(cluster!.directors[0]!.total!.counted.connections >= 8);
    const health = cluster!.directors.flatMap(({ services }) => services.flatMap(({ realServers }) => realServers));
    assert.deepEqual(
      health.map((each) => [each.name, each.health]),
      ["rs1", "rs2", "rs1", "rs2"].map((name) => [name, "up"]),
    );
    assert.equal(cluster!.verification!.answered, 4);
    const text = await stack.status();
    assert.match(text.stdout, new RegExp(`^${stack.name}: healthy at `));
    t.diagnostic(`figure: status of the pair in ${text.seconds.toFixed(1)} s`);
  });

  test("status --watch follows the VIP to the backup and back, and the time that it has been there", async () => {
    const watch = new StatusWatch(stack);
    try {
      const holds = (name: string, limit: number) =>
        waitUntil(`status shows the VIP on ${name}`, async () => watch.holders().join() === name, limit);
      await holds("director-a", 60);
      await directorA.succeed("systemctl stop keepalived");
      await holds("director-b", 15);
      const away = watch.looks.at(-1)!;
      assert.ok(away.clusters[0]!.vips[0]!.holders[0]!.seconds! < 10, JSON.stringify(away.clusters[0]!.vips));
      const gone = await waitUntil(
        "status names the director without keepalived",
        async () => watch.looks.find(({ problems }) => problems.some((each) => each.startsWith(STOPPED))),
        10,
      );
      assert.equal(gone.verdict, "unhealthy");
      await directorA.succeed("systemctl start keepalived");
      await holds("director-a", 30);
      await waitUntil("status is healthy", async () => watch.looks.at(-1)!.verdict === "healthy", 20);
      assert.ok(watch.looks.length >= 5, `${watch.looks.length} looks`);
      assert.equal(await watch.interrupt(), 0);
    } finally {
      await watch.stop();
    }
    await healed(directorA);
  });

  test("status goes on without a host that cannot be reached, names it, and exits 1", async () => {
    // What runs over the connection that there is goes on; and it comes back by itself, whatever happens here.
    await rs1.succeed("systemd-run --quiet --on-active=30 systemctl start ssh; systemctl stop ssh");
    const done = await stack.status("--json");
    const { hosts, clusters, verdict } = JSON.parse(done.stdout);
    assert.deepEqual([done.code, verdict], [1, "unread"]);
    const off = hosts.filter(({ error }: { error: string | null }) => error !== null);
    assert.deepEqual(
      off.map(({ host }: { host: string }) => host),
      ["rs1"],
    );
    assert.match(off[0].error, /rs1|no answer/);
    assert.equal(clusters[0].directors.length, 2);
    assert.match((await stack.status()).stdout, /not read\n +rs1/);
    await rs1.succeed("systemctl start ssh");
    succeeded(await stack.status());
  });
}
