import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Machine } from "../lab/support/machine.js";
import { Stack, succeeded } from "../lab/support/stack.js";
import { statusIsTrue } from "../lab/support/status.js";

const VIP = "172.16.225.151";
const stack = new Stack("long-one-arm", "lab-nat");
const machine = (name: string) => new Machine(stack.name, name);

/** Case 4 with one wire: directors and real servers are in one subnet, clients come through a router. */
const file = stack.file(({ config }) => {
  const { machines } = config["lvs:lab"];
  for (const [name, last] of [
    ["director-a", 220],
    ["director-b", 221],
  ])
    machines[name!] = {
      interfaces: { ens160: { segment: "inside", addresses: [`172.16.225.${last}/24`] } },
      routes: [{ to: "default", via: "172.16.225.1" }],
    };
  machines.router = {
    interfaces: {
      ens256: { segment: "outside", addresses: ["172.30.2.1/24"] },
      ens160: { segment: "inside", addresses: ["172.16.225.1/24"] },
    },
  };
  machines.client.routes = [{ to: "default", via: "172.30.2.1" }];
  const cluster = config["lvs:cluster"];
  cluster.routers = [{ name: "router", address: "172.16.225.1", interface: "ens160" }];
  cluster.vips = [{ address: `${VIP}/24` }];
  delete cluster.dip.interface;
  for (const [index, director] of cluster.directors.entries())
    Object.assign(director, { interface: "ens160", address: `172.16.225.${220 + Number(index)}` });
  cluster.services[0].vip = VIP;
});

after(() => stack.clean());

test("NAT over one wire: both real servers answer, replies pass the director, and nobody is redirected", async () => {
  await stack.init();
  succeeded(await stack.up(file));
  const [director, rs1, client] = ["director-a", "rs1", "client"].map(machine) as [Machine, Machine, Machine];
  const pages = await client.succeed(`for i in 1 2 3 4 5 6 7 8; do curl -sS --max-time 3 http://${VIP}/; done`);
  assert.deepEqual([...new Set(pages.trim().split("\n"))].sort(), ["rs1", "rs2"]);
  assert.match(await director.succeed("ipvsadm -Ln"), /Masq/);
  assert.ok(await director.holds(`${VIP}/24`, "ens160"));
  assert.ok(await director.holds("172.16.225.222/24", "ens160"));
  for (const scope of ["all", "ens160"])
    assert.equal(await director.succeed(`sysctl -n net.ipv4.conf.${scope}.send_redirects`), "0\n");
  assert.equal(await rs1.succeed("ip route show cache"), "", "no redirect was learned");
  await statusIsTrue(stack, [director, machine("director-b")]);
});
