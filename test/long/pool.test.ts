import assert from "node:assert/strict";
import { after, test } from "node:test";
import { waitUntil } from "../lab/support/command.js";
import { Machine } from "../lab/support/machine.js";
import { Stack, succeeded } from "../lab/support/stack.js";
import { statusIsTrue } from "../lab/support/status.js";

const VIP = "192.168.184.100";
const stack = new Stack("long-pool");
const machine = (name: string) => new Machine(stack.name, name);
const [directorA, rs1, rs2, client] = ["director-a", "rs1", "rs2", "client"].map(machine) as [
  Machine,
  Machine,
  Machine,
  Machine,
];

/** Case 1 with a third real server, which is the sorry server of the other two. */
function file(service: object): string {
  return stack.file(({ config }) => {
    const cluster = config["lvs:cluster"];
    config["lvs:lab"].machines.rs3 = {
      interfaces: { ens32: { segment: "lan", addresses: ["192.168.184.15/24"] } },
    };
    cluster.realServers.push({
      ...cluster.realServers[0],
      name: "rs3",
      address: "192.168.184.15",
      files: { "/var/www/html/index.nginx-debian.html": "rs3\n" },
    });
    const check = { type: "http", connectTimeout: 2, retry: 1, delayBeforeRetry: 1, delayLoop: 2 };
    const realServers = [{ name: "rs1" }, { name: "rs2" }];
    cluster.services = [{ vip: VIP, port: 80, scheduler: "rr", check, realServers, ...service }];
  });
}

const quorum = file({ quorum: 2, sorryServer: { address: "192.168.184.15" } });
const inhibiting = file({ inhibitOnFailure: true, alpha: true });

async function answered(names: string[], seconds = 30): Promise<void> {
  await waitUntil(
    `${names.join(" and ")} alone answer`,
    async () => {
      const { stdout } = await client.run(`for i in 1 2 3 4 5 6; do curl -sS --max-time 2 http://${VIP}/; done`);
      return [...new Set(stdout.trim().split("\n"))].sort().join() === names.join();
    },
    seconds,
  );
}

after(() => stack.clean());

test("with a quorum of 2 both real servers answer", async () => {
  await stack.init();
  succeeded(await stack.up(quorum));
  await answered(["rs1", "rs2"]);
  await statusIsTrue(stack, [directorA, machine("director-b")]);
});

test("with one of them the quorum is lost, the sorry server answers alone, and that is no drift", async () => {
  await rs1.succeed("systemctl stop nginx");
  await answered(["rs3"]);
  const rules = (await directorA.table()).filter((rule) => rule.startsWith("-a"));
  assert.deepEqual(rules, [`-a -t ${VIP}:80 -r 192.168.184.15:80 -g -w 1`]);
  // The unit that was stopped by hand is drift; the table, which keepalived has changed, is not.
  const { stdout, stderr } = succeeded(await stack.refresh(quorum));
  assert.doesNotMatch(stdout + stderr, /director-[ab]: table/);
  assert.match(stdout + stderr, /rs1: units\["nginx\.service"\]\.active/);
});

test("with both again the quorum is met, and the sorry server is out", async () => {
  succeeded(await stack.up(quorum));
  await answered(["rs1", "rs2"]);
  assert.ok((await directorA.table()).every((rule) => !rule.includes("192.168.184.15")));
});

test("under inhibitOnFailure a failed real server stays in the table with weight 0, which is no drift", async () => {
  succeeded(await stack.up(inhibiting));
  await answered(["rs1", "rs2"]);
  await statusIsTrue(stack, [directorA, machine("director-b")]);
  await rs2.succeed("systemctl stop nginx");
  await answered(["rs1"]);
  await waitUntil(
    "rs2 has weight 0",
    async () => (await directorA.table()).includes(`-a -t ${VIP}:80 -r 192.168.184.13:80 -g -w 0`),
    20,
  );
  const { stdout, stderr } = succeeded(await stack.refresh(inhibiting));
  assert.doesNotMatch(stdout + stderr, /director-[ab]: table/);
  succeeded(await stack.up(inhibiting));
  await answered(["rs1", "rs2"]);
});
