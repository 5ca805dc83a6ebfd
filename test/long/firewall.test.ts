import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { waitUntil } from "../lab/support/command.js";
import { Machine } from "../lab/support/machine.js";
import { furtherRules, ownFirewall } from "../lab/support/own-firewall.js";
import { differences, snapshots, type Snapshots } from "../lab/support/snapshot.js";
import { Stack, succeeded } from "../lab/support/stack.js";
import { Load } from "../lab/support/traffic.js";

interface Method {
  name: string;
  vip: string;
  /** What is changed in the stack's cluster. */
  edit?: (cluster: any) => void;
  /** A rule beside those that let through. */
  rule?: RegExp;
  /** Routers that the cluster sets up. */
  routers?: string[];
}

const synced = (cluster: any) => {
  cluster.vrrp.nopreempt = true;
  cluster.vrrp.connectionSync = {};
  for (const director of cluster.directors) delete director.state;
};

const methods: Method[] = [
  {
    name: "dr",
    vip: "192.168.184.100",
    rule: /^-A PREROUTING .* -j MARK --set-xmark 0x7\/0xffffffff$/,
    edit: (cluster) => {
      synced(cluster);
      const [{ vip, check }] = cluster.services;
      cluster.services = [{ vip, mark: 7, ports: [80], scheduler: "rr", check: { ...check, port: 80 } }];
    },
  },
  { name: "nat", vip: "172.30.2.151", edit: synced },
  {
    name: "fullnat",
    vip: "172.16.30.100",
    rule: /^-A POSTROUTING -m ipvs .* -j SNAT --to-source /,
    routers: ["router"],
  },
];

// Each with its lab removed at its end, also when a test of it fails.
for (const method of methods) describe(`${method.name} behind host firewalls`, () => behindFirewalls(method));

function behindFirewalls({ name, vip, edit, rule, routers = [] }: Method): void {
  const stack = new Stack(`long-firewall-${name}`, `lab-${name}`);
  const machine = (called: string) => new Machine(stack.name, called);
  const file = (allow: boolean) =>
    stack.file(({ config }) => {
      edit?.(config["lvs:cluster"]);
      if (allow) config["lvs:cluster"].firewall = { allow: true };
    });
  const directors = ["director-a", "director-b"].map(machine);
  const servers = ["rs1", "rs2"].map(machine);
  const hosts = [...servers, ...routers.map(machine), ...directors];
  const client = machine("client");
  let before: Snapshots;
  const labOnly = () => stack.file(({ config }) => void delete config["lvs:cluster"]);
  after(() => stack.clean());

  const holders = async () => {
    const held = await Promise.all(directors.map((each) => each.run(`ip -o address | grep -qwF ${vip}`)));
    return directors.filter((_, index) => held[index]!.code === 0);
  };
  const oneHolder = (limitSeconds = 60) =>
    waitUntil(
      `one director has ${vip}`,
      async () => {
        const found = await holders();
        return found.length === 1 && found[0];
      },
      limitSeconds,
    );
  const serves = (limitSeconds = 90) =>
    waitUntil(
      `rs1 and rs2 answer through ${vip}`,
      async () => {
        const asks = `for i in $(seq 8); do curl -sS --max-time 2 http://${vip}/; done`;
        const { stdout } = await client.run(asks);
        return [...new Set(stdout.trim().split("\n"))].sort().join() === "rs1,rs2";
      },
      limitSeconds,
    );
  const everyRule = async () =>
    Object.fromEntries(await Promise.all(hosts.map(async (each) => [each.name, await furtherRules(each)] as const)));
  let wanted: Record<string, string[]> = {};

  test(`${name}: on hosts whose own firewall drops all but SSH the cluster does not come to serve`, async () => {
    await stack.init();
    succeeded(await stack.up(labOnly()));
    await Promise.all(hosts.map(ownFirewall));
    before = await snapshots(hosts);
    assert.notEqual((await stack.up(file(false))).code, 0, "the proof fails");
    // Neither hears the other.
    await waitUntil("both directors have the VIP", async () => (await holders()).length === 2, 60);
    assert.notEqual((await client.run(`curl -sS --max-time 3 http://${vip}/`)).code, 0);
  });

  test(`${name}: the preview says which rules let the cluster through, and with them it serves`, async () => {
    const { stdout } = succeeded(await stack.preview(file(true)));
    assert.match(stdout, /iptables filter INPUT -i \w+ -d 224\.0\.0\.18\/32 -p 112 .* -j ACCEPT/);
    succeeded(await stack.up(file(true)));
    await oneHolder();
    await serves();
    wanted = await everyRule();
    for (const host of hosts)
      assert.ok(
        wanted[host.name]!.some((each) => each.includes("pulumi-lvs:")),
        host.name,
      );
    if (rule)
      for (const { name: each } of directors)
        assert.ok(
          wanted[each]!.some((line) => rule.test(line)),
          each,
        );
    // SSH is as the host's own firewall has it.
    for (const lines of Object.values(wanted)) assert.doesNotMatch(lines.join("\n"), /port 22\b/);
    succeeded(await stack.preview(file(true), "--expect-no-changes"));
  });

  if (edit)
    test(`${name}: the other director is told of connections`, async () => {
      const holder = await oneHolder();
      const other = directors.find((each) => each !== holder)!;
      await waitUntil(
        `${other.name} knows connections of the client`,
        async () => {
          await client.run(`for i in $(seq 4); do curl -sS --max-time 2 http://${vip}/; done`);
          return /^TCP /m.test(await other.succeed("ipvsadm -Lnc"));
        },
        30,
      );
    });

  test(`${name}: when the master stops the other director serves`, async (t) => {
    const holder = await oneHolder();
    const load = await Load.start(client, vip);
    await holder.succeed("systemctl stop keepalived");
    await load.answered(40, 60);
    const { longestGap } = await load.stop();
    await holder.succeed("systemctl start keepalived");
    t.diagnostic(`figure: ${name} behind host firewalls: longest gap ${longestGap.toFixed(2)} s`);
    await oneHolder();
    await serves();
  });

  for (const verb of ["reload", "restart", "stop", "start"])
    test(`${name}: after a ${verb} of the host's own firewall every rule is there again`, async () => {
      await Promise.all(hosts.map((host) => host.succeed(`systemctl ${verb} iptables.service`)));
      await waitUntil(
        "every rule is there",
        async () => {
          const have = await everyRule();
          return hosts.every((host) => have[host.name]!.join() === wanted[host.name]!.join());
        },
        30,
      );
      await serves();
    });

  test(`${name}: rules that somebody took away are drift, and the next up brings them back`, async () => {
    for (const host of [directors[0]!, servers[0]!]) {
      await host.succeed("iptables-restore /etc/host-firewall");
      assert.deepEqual(await furtherRules(host), []);
    }
    const gate = await stack.gate(file(true));
    assert.notEqual(gate.code, 0);
    assert.match(gate.stdout + gate.stderr, /director-a: rules\["iptables filter INPUT .*is not as it was set up/);
    assert.match(gate.stdout + gate.stderr, /rs1: rules\["iptables filter INPUT .*is not as it was set up/);
    succeeded(await stack.refresh(file(true)));
    succeeded(await stack.up(file(true)));
    assert.deepEqual(await everyRule(), wanted);
    await serves();
  });

  test(`${name}: after a power cut of every host all rules are there, and the cluster serves`, async () => {
    for (const host of hosts) {
      await host.crash();
      await host.start();
    }
    await oneHolder(90);
    await serves();
    assert.deepEqual(await everyRule(), wanted);
    succeeded(await stack.gate(file(true)));
  });

  test(`${name}: destroy with the hosts kept leaves them, and their firewall, as they were found`, async () => {
    succeeded(await stack.up(labOnly()));
    assert.deepEqual(differences(before, await snapshots(hosts)), []);
    succeeded(await stack.destroy(labOnly()));
  });
}
