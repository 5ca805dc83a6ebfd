import assert from "node:assert/strict";
import { after, test } from "node:test";
import { waitUntil } from "../lab/support/command.js";
import { Machine } from "../lab/support/machine.js";
import { slowDownload } from "../lab/support/slow-download.js";
import { Stack, succeeded } from "../lab/support/stack.js";
import { statusIsTrue } from "../lab/support/status.js";

const SECONDS = 60;
/** Bytes a second. */
const RATE = 20_000;

/** A download of a minute through the VIP, while the director that has it stops. */
async function downloadOverFailover(machine: (name: string) => Machine, vip: string) {
  const directors = ["director-a", "director-b"].map(machine);
  const holder = await waitUntil(
    "one director has the VIP",
    async () => {
      const held = await Promise.all(
        directors.map(async (each) => (await each.run(`ip -o address | grep -qwF ${vip}`)).code === 0),
      );
      return held.filter((each) => each).length === 1 && directors[held.indexOf(true)];
    },
    60,
  );
  const client = machine("client");
  const begin = Date.now();
  const download = slowDownload(client, vip, RATE);
  // Known to IPVS, and told to the other director: after its third packet a connection is.
  await waitUntil(
    "the download goes on",
    async () => /ESTABLISHED .*:80/.test(await holder.succeed("ipvsadm -Lnc")) && Date.now() - begin > 15_000,
    30,
  );
  await holder.succeed("systemctl stop keepalived");
  const done = await download;
  const seconds = (Date.now() - begin) / 1000;
  await holder.succeed("systemctl start keepalived");
  return { ...done, seconds };
}

for (const { name, base, vip } of [
  { name: "dr", base: "lab-dr", vip: "192.168.184.100" },
  { name: "nat", base: "lab-nat", vip: "172.30.2.151" },
]) {
  const stack = new Stack(`long-sync-${name}`, base);
  const machine = (called: string) => new Machine(stack.name, called);
  const file = (sync: boolean) =>
    stack.file(({ config }) => {
      const { vrrp, directors } = config["lvs:cluster"];
      vrrp.nopreempt = true;
      if (sync) vrrp.connectionSync = {};
      for (const director of directors) delete director.state;
    });
  after(() => stack.clean());

  test(`${name}: a download of ${SECONDS} s survives a planned failover with connectionSync`, async (t) => {
    await stack.init();
    succeeded(await stack.up(file(true)));
    for (const server of ["rs1", "rs2"])
      await machine(server).succeed(`head -c ${SECONDS * RATE} /dev/zero >/var/www/html/slow`);
    for (const director of ["director-a", "director-b"])
      assert.match(await machine(director).succeed("ipvsadm -L --daemon"), /(master|backup) sync daemon .*syncid=51/);
    // Stopped by hand it is drift, which the next up mends.
    await machine("director-b").succeed("ipvsadm --stop-daemon backup || ipvsadm --stop-daemon master");
    assert.notEqual((await stack.gate(file(true))).code, 0, "the gate finds it");
    succeeded(await stack.refresh(file(true)));
    succeeded(await stack.up(file(true)));
    assert.match(
      await machine("director-b").succeed("ipvsadm -L --daemon"),
      /^(master|backup) sync daemon .*syncid=51/,
    );
    await statusIsTrue(stack, ["director-a", "director-b"].map(machine));
    const { stdout, stderr, seconds } = await downloadOverFailover(machine, vip);
    t.diagnostic(`figure: ${name}, with connectionSync: status and bytes "${stdout}" in ${seconds.toFixed(0)} s`);
    assert.equal(stdout, `200 ${SECONDS * RATE}`, stderr);
    assert.ok(seconds >= SECONDS - 10, `it took ${seconds} s`);
  });

  test(`${name}: without it the connection is lost, and a new one is served at once`, async (t) => {
    succeeded(await stack.up(file(false)));
    for (const director of ["director-a", "director-b"])
      assert.equal(await machine(director).succeed("ipvsadm -L --daemon"), "", "no sync daemon is left");
    const { code, stdout, stderr, seconds } = await downloadOverFailover(machine, vip);
    t.diagnostic(
      `figure: ${name}, without connectionSync: status and bytes "${stdout}" after ${seconds.toFixed(0)} s (${stderr.trim()})`,
    );
    assert.notEqual(code, 0, "the other director knows nothing of it");
    await machine("client").succeed(`curl -sS --max-time 5 -o /dev/null http://${vip}/`);
  });
}
