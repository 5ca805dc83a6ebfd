import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Machine } from "./support/machine.js";
import { differences, snapshots, type Snapshots } from "./support/snapshot.js";
import { Stack, succeeded } from "./support/stack.js";
import { waitUntil } from "./support/command.js";

const VIP = "172.30.2.151";
const CLIENT = "172.30.2.50";
const LIPS = ["172.16.225.230", "172.16.225.231"];

const stack = new Stack("test-methods", "lab-nat");
const machine = (name: string) => new Machine(stack.name, name);
const [directorA, directorB, rs1, rs2, client, router] = [
  "director-a",
  "director-b",
  "rs1",
  "rs2",
  "client",
  "router",
].map(machine) as [Machine, Machine, Machine, Machine, Machine, Machine];
const hosts = [directorA, directorB, rs1, rs2, router];

/** The lab of case 4 with a router beside the directors, so that replies have a way past them. */
function file(change: (config: any) => void): string {
  return stack.file(({ config }) => {
    const { machines } = config["lvs:lab"];
    machines.router = {
      interfaces: {
        ens256: { segment: "outside", addresses: ["172.30.2.1/24"] },
        ens160: { segment: "inside", addresses: ["172.16.225.1/24"] },
      },
    };
    for (const name of ["rs1", "rs2"]) machines[name].routes = [{ to: "default", via: "172.16.225.1" }];
    change(config);
  });
}

/** The cluster of case 4 by another method. */
function by(forwarding: string, more: object = {}): string {
  return file((config) => {
    const routers = [{ name: "router", address: "172.16.225.1", interface: "ens160" }];
    const { dip, ...cluster } = config["lvs:cluster"];
    config["lvs:cluster"] = { ...cluster, routers, forwarding, ...(forwarding === "nat" && { dip }), ...more };
  });
}

const methods = {
  dr: by("dr"),
  nat: by("nat"),
  tun: by("tun"),
  fullnat: by("fullnat", { lips: { addresses: LIPS.map((lip) => `${lip}/24`), interface: "ens160" } }),
};
type Method = keyof typeof methods;
const labOnly = file((config) => delete config["lvs:cluster"]);

/** Pages that the client got through the VIP, one after the other. */
async function pages(count: number): Promise<string[]> {
  const command = `for i in $(seq ${count}); do curl -sS --max-time 3 http://${VIP}/; done`;
  return (await client.succeed(command)).trim().split("\n");
}

/** Packets of the service that the director sent to real servers, and that came back through it (`ipvsadm --stats`). */
async function packets(): Promise<{ in: number; out: number }> {
  const table = await directorA.succeed("ipvsadm -Ln --stats --exact");
  const words = table
    .split("\n")
    .find((line) => line.startsWith("TCP"))!
    .trim()
    .split(/\s+/);
  return { in: Number(words[3]), out: Number(words[4]) };
}

/** Addresses that a real server's web server saw as clients since the last look. */
async function seenClients(server: Machine): Promise<string[]> {
  const log = "/var/log/nginx/access.log";
  const seen = await server.succeed(`cut -d ' ' -f 1 ${log} | sort -u; : >${log}`);
  // The directors' own checks apart.
  return seen.split("\n").filter((address) => address !== "" && !/^172\.16\.225\.22[0-2]$/.test(address));
}

/** What tells afterwards who else has used the service. */
async function evidence(): Promise<string> {
  const seen = [
    ...[directorA, directorB].map((host) => ({ host, command: "ipvsadm -Ln --stats --exact; ipvsadm -Lnc | sort" })),
    ...[rs1, rs2].map((host) => ({ host, command: "tail -n 40 /var/log/nginx/access.log" })),
    { host: client, command: "ss -Htan; ip neigh" },
  ];
  return (
    await Promise.all(seen.map(async ({ host, command }) => `${host.name}:\n${await host.succeed(command)}`))
  ).join("\n");
}

/** Every real server answers, in turn; what the packets did is told. */
async function served() {
  for (const server of [rs1, rs2]) await seenClients(server);
  const before = await packets();
  const got = await pages(8);
  assert.deepEqual([...new Set(got)].sort(), ["rs1", "rs2"]);
  const inTurn = got.every((page, index) => index === 0 || page !== got[index - 1]);
  assert.ok(inTurn, `must answer in turn, got ${got.join(" ")}\n${inTurn || (await evidence())}`);
  // The kernel sums its counters up every 2 s.
  const after = await waitUntil(
    "the kernel counts the packets",
    async () => {
      const now = await packets();
      return now.in >= before.in + 8 * 4 && now;
    },
    10,
  );
  const clients = (await Promise.all([rs1, rs2].map(seenClients))).flat();
  return { backThroughDirector: after.out - before.out, clients: [...new Set(clients)].sort() };
}

/** A page and a request that are larger than a packet pass as a whole, whatever a tunnel takes of it. */
async function largeOnesPass(): Promise<void> {
  const size = 300_000;
  for (const server of [rs1, rs2]) await server.succeed(`head -c ${size} /dev/zero >/var/www/html/large`);
  const ask = `curl -sS --max-time 20 -o /dev/null -w '%{http_code} %{size_download}\\n'`;
  const large = (await client.succeed(`for i in 1 2; do ${ask} http://${VIP}/large; done`)).trim().split("\n");
  assert.deepEqual(large, [`200 ${size}`, `200 ${size}`]);
  const header = `X: $(head -c 7000 /dev/zero | tr '\\0' x)`;
  const asked = (await client.succeed(`for i in 1 2; do ${ask} -H "${header}" http://${VIP}/; done`))
    .trim()
    .split("\n");
  assert.deepEqual(asked, ["200 4", "200 4"]);
  for (const server of [rs1, rs2]) await server.succeed("rm /var/www/html/large");
}

let before: Snapshots;
let underDr: Snapshots;

/** What the packets must do under each method. */
const proofs: Record<Method, () => Promise<void>> = {
  async dr() {
    const { backThroughDirector, clients } = await served();
    assert.equal(backThroughDirector, 0, "replies do not pass the director");
    assert.deepEqual(clients, [CLIENT]);
  },
  async nat() {
    const { backThroughDirector, clients } = await served();
    assert.ok(backThroughDirector >= 8 * 3, "replies pass the director");
    assert.deepEqual(clients, [CLIENT]);
    assert.match(await rs1.succeed("ip route show default"), /^default via 172\.16\.225\.222 dev ens160 *\n$/);
    assert.match(await directorA.succeed("ipvsadm -Lnc"), new RegExp(`${CLIENT}:\\d+ +${VIP}:80`));
  },
  async tun() {
    const received = async () => Number(await rs1.succeed("cat /sys/class/net/tunl0/statistics/rx_packets"));
    const old = await received();
    const { backThroughDirector, clients } = await served();
    assert.equal(backThroughDirector, 0, "replies do not pass the director");
    assert.deepEqual(clients, [CLIENT]);
    assert.ok((await received()) >= old + 4 * 4, "requests come through the tunnel");
    await largeOnesPass();
  },
  async fullnat() {
    const { backThroughDirector, clients } = await served();
    assert.ok(backThroughDirector >= 8 * 3, "replies pass the director");
    assert.ok(clients.length > 0 && clients.every((address) => LIPS.includes(address)), clients.join(" "));
    // Its own way out is the router still: it needs to know nothing of directors.
    assert.match(await rs1.succeed("ip route show default"), /^default via 172\.16\.225\.1 /);
    for (const lip of LIPS) assert.ok(await directorA.holds(`${lip}/24`, "ens160"));
  },
};

after(() => stack.clean());

test("a lab with a router is up, and its hosts are remembered", async () => {
  await stack.init();
  succeeded(await stack.up(labOnly));
  before = await snapshots(hosts);
});

test("dr: the cluster serves, and replies go to the client past the director", async () => {
  succeeded(await stack.up(methods.dr));
  await proofs.dr();
  underDr = await snapshots(hosts);
});

for (const [from, to] of [
  ["dr", "nat"],
  ["nat", "tun"],
  ["tun", "fullnat"],
] as const)
  test(`${from} to ${to} by editing the stack file: the cluster serves, and packets go the new way`, async (t) => {
    const done = succeeded(await stack.up(methods[to]));
    t.diagnostic(`figure: ${from} to ${to} in ${done.seconds.toFixed(0)} s`);
    await proofs[to]();
  });

test("firewall rules flushed by hand are named by refresh with their host, and the next up repairs them", async () => {
  await directorA.succeed("iptables -t nat -F");
  const found = succeeded(await stack.refresh(methods.fullnat));
  assert.match(found.stdout + found.stderr, /director-a: rules\["iptables nat POSTROUTING /);
  succeeded(await stack.up(methods.fullnat));
  await proofs.fullnat();
});

test("fullnat to dr: the cluster serves, and of all the methods between nothing is left on any host", async () => {
  succeeded(await stack.up(methods.dr));
  await proofs.dr();
  assert.deepEqual(differences(underDr, await snapshots(hosts), { notes: false }), []);
});

test("destroy with the hosts kept leaves them as they were found", async () => {
  succeeded(await stack.up(labOnly));
  assert.deepEqual(differences(before, await snapshots(hosts)), []);
});
