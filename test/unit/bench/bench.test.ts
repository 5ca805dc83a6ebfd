import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Measured } from "../../bench/measure.js";
import { plot } from "../../bench/plot.js";
import { changedPlan, realServer, setUp, setUpScript, wanted } from "../../bench/setup.js";
import { median, summarise } from "../../bench/summary.js";
import { table } from "../../bench/table.js";

const one = (tool: string, phase: string, hosts: number, seconds: number, more: Partial<Measured> = {}): Measured => ({
  ...{ tool, phase, hosts, run: 1, seconds, connections: 0, touched: 0 },
  ...more,
});
const measured = [5, 20].flatMap((hosts) => [
  one("empty program", "unchanged", hosts, 1),
  one("floor", "first", hosts, hosts / 10),
  ...[3, 1, 2].map((n) =>
    one("pulumi-lvs", "first", hosts, 1 + (n * hosts) / 10, { computing: 2.5, pluginMB: 70 + n, stateKB: hosts * 9 }),
  ),
  one("Ansible", "first", hosts, 30, { connections: hosts }),
]);

describe("the bench", () => {
  test("takes the middle of its runs, and the largest of what must have a limit", () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.throws(() => median([]), RangeError);
    const own = summarise(measured).find(({ tool, hosts }) => tool === "pulumi-lvs" && hosts === 20);
    assert.deepEqual([own?.seconds, own?.pluginMB, own?.runs], [5, 73, 3]);
  });

  test("compares with the floor less the engine, and others with this toolkit", () => {
    const lines = table(summarise(measured)).split("\n");
    assert.ok(
      lines.includes("| pulumi-lvs | first | 5.00 | 2.50 | 4.00 | 2.0 |  | 0 | 3 | 73 | 9.0 |"),
      lines.join("\n"),
    );
    assert.ok(lines.includes("| Ansible | first | 30.00 |  |  | 15.0 | 6.0 | 20 | 1 |  |  |"), lines.join("\n"));
  });

  test("plots a line for each tool and phase that was measured, within its frame", () => {
    const svg = plot(summarise(measured));
    assert.equal(svg.match(/<polyline/g)?.length, 4);
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number);
    const points = [...svg.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)];
    assert.equal(points.length, 8);
    for (const [, x, y] of points) assert.ok(Number(x) < width! && Number(y) < height!, `${x},${y}`);
  });

  test("wants of a host what the plan of a real server has, and knows a changed one", () => {
    const plan = realServer();
    const want = wanted(plan);
    assert.deepEqual(want.addresses, ["192.0.2.100/32"]);
    assert.equal(want.sysctls["net.ipv4.conf.all.arp_ignore"], "1");
    assert.deepEqual(Object.keys(want.files), [
      "/etc/sysctl.d/90-pulumi-lvs.conf",
      "/etc/systemd/network/10-lvs-lo.network",
    ]);
    assert.notEqual(setUp(wanted(changedPlan(plan))), setUp(want));
    for (const path of Object.keys(want.files)) assert.ok(setUpScript(want).includes(path));
  });
});
