import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { waitUntil } from "../lab/support/command.js";
import { expressions, missingIn } from "../lab/support/metrics.js";
import { Pair } from "../lab/support/pair.js";
import { differences, snapshots, type Snapshots } from "../lab/support/snapshot.js";
import { root, succeeded } from "../lab/support/stack.js";

const pair = new Pair("long-metrics");
const { stack, directors } = pair;
let before: Snapshots;
const usersBefore: Record<string, string> = {};
/** Debian's package leaves its system user behind, with the copies that adduser makes ("We do NOT remove the system user"). */
const USER = /: [-+] (\S+ +)?\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?( \d+ root (root|shadow) \d+)?$/;
/** The kernel works it out from the memory that is free when ip_vs is loaded: another one after the power cut. */
const BY_THE_KERNEL = /sysctls: [-+] net\.ipv4\.vs\.sync_qlen_max = /;
const users = (director: (typeof directors)[number]) =>
  director.succeed("grep -v '^prometheus:' /etc/passwd /etc/group /etc/shadow /etc/gshadow");

after(() => stack.clean());

/** What the exporter of a director says, asked by the client over the network. */
const scrape = (address: string, port: number) =>
  waitUntil(
    `the exporter of ${address} answers`,
    async () => {
      const { code, stdout } = await pair.client.run(`curl -sS --max-time 5 http://${address}:${port}/metrics`);
      return code === 0 && stdout;
    },
    20,
  );
const ADDRESSES = ["192.168.184.11", "192.168.184.14"] as const;

test("metrics: up makes a pair without, and its directors are remembered", async () => {
  await stack.init();
  await pair.up();
  await pair.sound();
  before = await snapshots(directors);
  for (const director of directors) usersBefore[director.name] = await users(director);
});

test("metrics: each director's exporter has every metric that alerts and dashboard use", async () => {
  await pair.up((cluster) => (cluster.metrics = {}));
  await pair.sound();
  await pair.statusIsTrue();
  const folder = join(root, "docs", "metrics");
  for (const address of ADDRESSES) {
    const text = await scrape(address, 9100);
    assert.deepEqual(
      expressions(folder).flatMap((expression) => missingIn(text, expression)),
      [],
    );
  }
  const [first] = await Promise.all(ADDRESSES.map((address) => scrape(address, 9100)));
  // What the unit test of alerts and dashboard looks into, with UPDATE_CASES=1 as in the others.
  if (process.env["UPDATE_CASES"] === "1") {
    const used = /^(# TYPE )?node_(ipvs|network_address_info|systemd_unit_state)/;
    const kept = first!.split("\n").filter((line) => used.test(line));
    mkdirSync(join(root, "test", "cases", "metrics"), { recursive: true });
    writeFileSync(join(root, "test", "cases", "metrics", "director.txt"), `${kept.join("\n")}\n`);
  }
  assert.match(first!, /^node_ipvs_connections_total [1-9]/m);
  assert.match(first!, new RegExp(`^node_network_address_info\\{address="${pair.vip}",device="ens32"`, "m"));
  assert.match(first!, /^node_systemd_unit_state\{name="keepalived.service",state="active",type="\w+"\} 1$/m);
  succeeded(await stack.preview(pair.file(), "--expect-no-changes"));
});

test("metrics: the exporter listens on its director's own address alone, on all when asked, and comes back after a power cut", async () => {
  const listens = (director: (typeof directors)[number]) =>
    director.succeed("ss -Hltn 'sport = :9100 or sport = :9101' | awk '{print $4}' | sort");
  assert.equal(await listens(pair.directorA), "192.168.184.11:9100\n");
  await pair.up((cluster) => (cluster.metrics = { port: 9101, everywhere: true }));
  assert.equal(await listens(pair.directorB), "*:9101\n");
  pair.undo();
  await pair.up();
  await pair.directorB.crash();
  await pair.directorB.start();
  await scrape("192.168.184.14", 9100);
  assert.equal(await listens(pair.directorB), "192.168.184.14:9100\n");
});

test("metrics: given up, nothing of it is left but Debian's system user", async () => {
  await pair.up((cluster) => delete cluster.metrics);
  const left = differences(before, await snapshots(directors), { notes: false });
  assert.deepEqual(
    left.filter((line) => !USER.test(line) && !BY_THE_KERNEL.test(line)),
    [],
  );
  for (const director of directors) assert.equal(await users(director), usersBefore[director.name]);
});
