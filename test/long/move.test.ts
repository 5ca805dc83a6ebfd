import assert from "node:assert/strict";
import { after, test } from "node:test";
import { waitUntil } from "../lab/support/command.js";
import { userBackups } from "../lab/support/proxies.js";
import { Machine } from "../lab/support/machine.js";
import { differences, snapshots, type Snapshots } from "../lab/support/snapshot.js";
import { Stack, succeeded } from "../lab/support/stack.js";
import { statusIsTrue } from "../lab/support/status.js";
import { Load } from "../lab/support/traffic.js";

const VIP = "192.168.184.100";
const stack = new Stack("long-move", "lab-haproxy");
const machine = (name: string) => new Machine(stack.name, name);
const [directorA, directorB, rs1, rs2, client] = ["director-a", "director-b", "rs1", "rs2", "client"].map(machine) as [
  Machine,
  Machine,
  Machine,
  Machine,
  Machine,
];
const hosts = [directorA, directorB, rs1, rs2];

/** Case 12 with one service, whose words both kinds of cluster have. */
const proxied = stack.file(({ config }) => {
  const cluster = config["lvs:cluster"];
  const [{ vip, port, scheduler, check }] = cluster.services;
  cluster.services = [{ vip, port, scheduler, check, mode: "http" }];
});
/** The same stack file with two lines changed. */
const routed = stack.file(({ config }) => {
  const { engine, ...cluster } = config["lvs:cluster"];
  assert.equal(engine, "haproxy");
  const [{ vip, port, scheduler, check }] = cluster.services;
  config["lvs:cluster"] = { ...cluster, forwarding: "dr", services: [{ vip, port, scheduler, check }] };
});
const labOnly = stack.file(({ config }) => delete config["lvs:cluster"]);

const since = async (old: Snapshots, options = {}) =>
  differences(old, await snapshots(hosts), options).filter((line) => !userBackups.test(line));

async function serves(): Promise<void> {
  await waitUntil(
    "both real servers answer in turn through the VIP",
    async () => {
      const { stdout } = await client.run(`for i in 1 2 3 4; do curl -sS --max-time 2 http://${VIP}/; done`);
      return [...new Set(stdout.trim().split("\n"))].sort().join() === "rs1,rs2";
    },
    30,
  );
}

let found: Snapshots;
let movedThere: Snapshots;
after(() => stack.clean());

test("up makes the lab, then a pair of proxies on it, and it serves", async () => {
  await stack.init();
  succeeded(await stack.up(labOnly));
  found = await snapshots(hosts);
  succeeded(await stack.up(proxied));
  await serves();
});

test("haproxy to LVS by direct routing: by editing the stack file, and it serves without the proxy", async (t) => {
  const load = await Load.start(client, VIP, { rate: 20, limit: 5 });
  const done = succeeded(await stack.up(routed));
  await load.answered(40, 30);
  const { requests, failed, longestGap, reasons } = await load.stop();
  t.diagnostic(
    `figure: haproxy to dr in ${done.seconds.toFixed(0)} s: ${failed} of ${requests} requests failed ` +
      `(${JSON.stringify(reasons)}), longest gap ${longestGap.toFixed(2)} s`,
  );
  assert.equal(failed, 0, JSON.stringify(reasons));
  await serves();
  for (const director of [directorA, directorB]) {
    assert.notEqual((await director.run("dpkg-query -W haproxy")).code, 0, "the package is gone");
    assert.equal(await director.succeed("sysctl -n net.ipv4.ip_nonlocal_bind"), "0\n");
  }
  assert.equal(await directorA.succeed(`ss -Htln src ${VIP}`), "", "the director has no socket for the service");
  assert.match(await directorA.succeed("ipvsadm -Ln"), /Route/);
  await statusIsTrue(stack, [directorA, directorB]);
  succeeded(await stack.preview(routed, "--expect-no-changes"));
  succeeded(await stack.gate(routed));
  movedThere = await snapshots(hosts);
});

test("LVS back to haproxy: it serves through the proxy, and the kernel's table is empty", async (t) => {
  const load = await Load.start(client, VIP, { rate: 20, limit: 5 });
  succeeded(await stack.up(proxied));
  await load.answered(40, 30);
  const { requests, failed, longestGap, reasons } = await load.stop();
  t.diagnostic(
    `figure: dr to haproxy: ${failed} of ${requests} requests failed ` +
      `(${JSON.stringify(reasons)}), longest gap ${longestGap.toFixed(2)} s`,
  );
  assert.equal(failed, 0, JSON.stringify(reasons));
  await serves();
  assert.doesNotMatch(await directorA.succeed("cat /proc/net/ip_vs 2>/dev/null || true"), /->.*Route/);
  for (const server of [rs1, rs2]) assert.ok(!(await server.succeed("ip -o address")).includes(VIP));
  await statusIsTrue(stack, [], [directorA, directorB]);
  succeeded(await stack.gate(proxied));
});

test("destroy with the hosts kept leaves them as they were found", async () => {
  succeeded(await stack.up(labOnly));
  assert.deepEqual(await since(found), []);
});

test("what was moved to LVS is what LVS alone would have made", async () => {
  succeeded(await stack.up(routed));
  assert.deepEqual(await since(movedThere, { notes: false }), []);
  succeeded(await stack.up(labOnly));
  succeeded(await stack.destroy(labOnly));
});
