import assert from "node:assert/strict";
import { after, test } from "node:test";
import { waitUntil } from "../lab/support/command.js";
import { Machine } from "../lab/support/machine.js";
import { Stack, succeeded } from "../lab/support/stack.js";
import { statusIsTrue } from "../lab/support/status.js";

const FIRST = "192.168.184.100";
const SECOND = "192.168.184.101";
const stack = new Stack("long-vrrp");
const machine = (name: string) => new Machine(stack.name, name);
const [directorA, directorB, client] = ["director-a", "director-b", "client"].map(machine) as [
  Machine,
  Machine,
  Machine,
];

/** Case 1 with two VIPs, each director master of one, a program and an interface that are watched, over unicast. */
const file = stack.file(({ config }) => {
  const cluster = config["lvs:cluster"];
  cluster.vips = [
    { address: `${FIRST}/24`, interface: "ens32" },
    { address: `${SECOND}/24`, interface: "ens32", instance: "VI_2" },
  ];
  Object.assign(cluster.vrrp, {
    unicast: true,
    instances: [{ name: "VI_2", virtualRouterId: 52, priorities: { "director-b": 150 } }],
    trackScripts: [{ name: "healthy", path: "/usr/local/sbin/healthy", user: "nobody", fall: 2 }],
    trackInterfaces: ["mgmt"],
    virtualRoutes: [{ to: "10.9.0.0/24", via: "192.168.184.50", interface: "ens32" }],
  });
  for (const director of cluster.directors) {
    delete director.state;
    director.files = { "/usr/local/sbin/healthy": { mode: "0755", content: "#!/bin/sh\n! test -e /run/ill\n" } };
  }
  const [service] = cluster.services;
  cluster.services = [service, { ...service, vip: SECOND }];
});

const holds = (director: Machine, vip: string) => director.holds(`${vip}/24`, "ens32");
async function placed(first: Machine, second: Machine, limit = 30): Promise<void> {
  const directors = [directorA, directorB];
  await waitUntil(
    `${first.name} has ${FIRST}, ${second.name} has ${SECOND}`,
    async () => {
      const now = await Promise.all(directors.flatMap((each) => [holds(each, FIRST), holds(each, SECOND)]));
      const wanted = directors.flatMap((each) => [each === first, each === second]);
      return now.join() === wanted.join();
    },
    limit,
  );
}
const serves = async () => {
  for (const vip of [FIRST, SECOND]) await client.succeed(`curl -sS --max-time 3 -o /dev/null http://${vip}/`);
};

after(() => stack.clean());

test("each director is master of one VIP, and both VIPs serve", async () => {
  await stack.init();
  succeeded(await stack.up(file));
  await placed(directorA, directorB);
  await serves();
  assert.match(await directorA.succeed("ip route show 10.9.0.0/24"), /via 192\.168\.184\.50/, "its virtual route");
  assert.equal(await directorB.succeed("ip route show 10.9.0.0/24"), "");
  await statusIsTrue(stack, [directorA, directorB]);
});

test("advertisements go to the peer's address, and none to the multicast group", async () => {
  const seen = await directorB.succeed("timeout 6 tcpdump -nni ens32 -c 4 proto 112 2>/dev/null || true");
  const lines = seen.trim().split("\n");
  assert.ok(lines.length >= 4, seen);
  for (const line of lines) assert.match(line, /192\.168\.184\.1[14] > 192\.168\.184\.1[14]: /);
});

test("a watched program that fails takes the VIP to the other director, and back", async () => {
  await directorA.succeed("touch /run/ill");
  await placed(directorB, directorB);
  await serves();
  await directorA.succeed("rm /run/ill");
  await placed(directorA, directorB);
  await serves();
});

test("a director that stops gives its VIP to the other one alone", async () => {
  await directorB.succeed("systemctl stop keepalived");
  await placed(directorA, directorA);
  await serves();
  await directorB.succeed("systemctl start keepalived");
  await placed(directorA, directorB);
  succeeded(await stack.gate(file));
});
