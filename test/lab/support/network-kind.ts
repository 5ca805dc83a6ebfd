import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { MachineKind } from "../../../infra/lab/index.js";
import { waitUntil } from "./command.js";
import type { Machine } from "./machine.js";
import { Pair } from "./pair.js";
import { differences, snapshot, snapshots, type Snapshots } from "./snapshot.js";
import { succeeded } from "./stack.js";
import { Load } from "./traffic.js";

/** What an administrator does to a host's network manager while the host serves. */
export interface Handling {
  command: string;
  /** The service link goes down with it: the cluster may lose requests, and has to come back by itself. */
  linkDown?: boolean;
}

/** A network manager, and what tells that it does its work. */
export interface NetworkKind {
  kind: MachineKind;
  /** `networkBackend` of the cluster. */
  backend: string;
  /** Exits 0 once the manager has set the service interface up. */
  settled: string;
  /** Prints what the manager itself holds. */
  holds: string;
  handlings: Handling[];
}

const EXTRA = { director: ["10.77.0.11/24", "10.77.0.14/24"], realServer: ["10.77.0.12/24", "10.77.0.13/24"] };

/** An extra address with a label and an extra route on every host; the second one of each role is asked for its manager. */
function extras(cluster: any): void {
  const add = (hosts: any[], addresses: string[]) =>
    hosts.forEach((host, index) => {
      host.addresses = [{ address: addresses[index], interface: "ens32", label: "ens32:7" }];
      host.routes = [{ to: "10.78.0.0/24", via: "192.168.184.50", interface: "ens32" }];
      if (index === 1) host.networkBackend = "detect";
      // The name that the guest's own file has.
      else if (cluster.networkBackend === "networkd") host.networkNames = { ens32: "10-ens32" };
    });
  add(cluster.directors, EXTRA.director);
  add(cluster.realServers, EXTRA.realServer);
}

/**
 * Addresses with their labels and routes of a machine, without lifetimes, and without what tells only who set them:
 * a manager notes its name with a route, and gives an address a broadcast address.
 */
async function kernelState(machine: Machine): Promise<string[]> {
  const command = "ip -o -4 address show dev lo; ip -o -4 address show dev ens32; ip -4 route";
  const lines = (await machine.succeed(command)).split("\n").map((line) =>
    line
      .replace(/\\? *valid_lft.*/, "")
      .replace(/ (brd \S+|proto \S+|noprefixroute)(?= |$)/g, "")
      .replace(/ +/g, " ")
      .trim(),
  );
  return lines.filter((line) => line !== "").sort();
}

/** The life of the DR pair on hosts whose network that manager keeps. */
export function networkKind({ kind, backend, settled, holds, handlings }: NetworkKind): void {
  const pair = new Pair(`long-network-${kind}`, (lab) => {
    lab.kind = kind;
    lab.machines.client.kind = "static";
  });
  const { stack, directorA, directorB, client } = pair;
  const realServers = [pair.machine("rs1"), pair.machine("rs2")];
  const hosts = [...realServers, directorB, directorA];
  let before: Snapshots;
  const serving: Record<string, string[]> = {};
  after(() => stack.clean());

  const found = async (host: Machine) => ({
    ...(await snapshot(host)),
    [`held by ${kind}`]: (await host.succeed(holds)).split("\n").filter((line) => line !== ""),
  });

  const whole = async (host: Machine, limitSeconds = 60) => {
    await waitUntil(`${kind} has set up ${host.name}`, async () => (await host.run(settled)).code === 0, limitSeconds);
    const want = serving[host.name] ?? assert.fail("the cluster was never set up");
    let have: string[] = [];
    await waitUntil(
      `${host.name} has all addresses and routes`,
      async () => (have = await kernelState(host)).join("\n") === want.join("\n"),
      limitSeconds,
    ).catch((cause: unknown) => {
      assert.deepEqual(have, want, `${host.name}: ${String(cause)}`);
    });
  };

  /** What the stack knows of each host's manager. */
  const known = async (): Promise<Record<string, unknown>> => {
    const { stdout } = succeeded(await stack.pulumi("stack", "export", "-s", stack.name));
    const { deployment } = JSON.parse(stdout) as { deployment: { resources: { type: string; outputs?: any }[] } };
    const networks = deployment.resources.filter(({ type }) => type === "lvs:index:HostNetwork");
    return Object.fromEntries(networks.map(({ outputs }) => [outputs.host, outputs.found]));
  };

  /** All hosts are as they were when the cluster was made, and both real servers answer. */
  const sound = async () => {
    await pair.oneHolder(60, "director-a");
    for (const host of hosts) await whole(host);
    await pair.sound();
  };

  test(`${kind}: the hosts' own addresses come from the manager`, async () => {
    await stack.init();
    succeeded(await stack.up(pair.labOnly()));
    await Promise.all(
      hosts.map((host) =>
        waitUntil(`${kind} has set up ${host.name}`, async () => (await host.run(settled)).code === 0, 60),
      ),
    );
    before = await snapshots(hosts, found);
  });

  test(`${kind}: a preview with --refresh asks the hosts for their manager, and shows its files`, async () => {
    const file = pair.file((cluster) => {
      cluster.networkBackend = backend;
      extras(cluster);
    });
    const files = (stdout: string) =>
      /lvs:index:Host: \(create\)\s+\[urn=\S+::lvs-rs2\](?:\n.*)*?\n +files +: *(.*)/.exec(stdout)?.[1];
    assert.match(files(succeeded(await stack.preview(file)).stdout)!, /^\[unknown\]|output<string>/);
    assert.match(files(succeeded(await stack.preview(file, "--refresh")).stdout)!, /^\{/);
  });

  test(`${kind}: up sets VIPs, labelled addresses and routes, the cluster serves, and a second up finds nothing to do`, async (t) => {
    const done = await pair.up();
    t.diagnostic(`figure: ${kind}: set up on booted machines in ${done.seconds.toFixed(0)} s`);
    await pair.oneHolder(60, "director-a");
    await pair.sound();
    for (const host of hosts) {
      serving[host.name] = await kernelState(host);
      const has = (pattern: RegExp) =>
        assert.ok(
          serving[host.name]!.some((line) => pattern.test(line)),
          `${host.name} has ${pattern}:\n${serving[host.name]!.join("\n")}`,
        );
      has(/ens32 inet 10\.77\.0\.1\d\/24 .*ens32:7$/);
      has(/^10\.78\.0\.0\/24 via 192\.168\.184\.50 dev ens32/);
      if (realServers.includes(host)) has(/lo inet 192\.168\.184\.100\/32 .*lo:3$/);
    }
    succeeded(await stack.up(pair.file(), "--expect-no-changes"));
  });

  test(`${kind}: hosts that were asked for their manager say the same as those of which it was said`, async () => {
    const found = await known();
    assert.deepEqual(
      Object.keys(found).sort(),
      backend === "systemd-unit" ? ["director-b", "rs2"] : hosts.map(({ name }) => name).sort(),
    );
    for (const [name, is] of Object.entries(found))
      assert.deepEqual(is, { backend, ...(backend === "networkd" && { names: { ens32: "10-ens32" } }) }, name);
  });

  for (const { command, linkDown = false } of handlings)
    test(`${kind}: ${command} on every host, one after the other: ${linkDown ? "all comes back" : "nothing is lost and no request fails"}`, async (t) => {
      const load = await Load.start(client, pair.vip, { rate: 20, limit: 5 });
      for (const host of hosts) {
        await host.succeed(command);
        // What a manager takes away it takes away within its first moments.
        await load.answered(20, 60);
        await whole(host);
        if (linkDown) await sound();
      }
      const seen = await load.stop();
      t.diagnostic(
        `figure: ${kind}, ${command}: ${seen.failed} of ${seen.requests} requests failed, longest gap ${seen.longestGap.toFixed(2)} s`,
      );
      if (!linkDown) assert.equal(seen.failed, 0, JSON.stringify(seen.reasons));
      await sound();
    });

  test(`${kind}: keepalived stopped on the master: the backup serves within the bound, and the master takes over again`, async (t) => {
    const load = await Load.start(client, pair.vip);
    await directorA.succeed("systemctl stop keepalived");
    await pair.oneHolder(30, "director-b");
    await load.answered(20, 30);
    const { longestGap, failed, requests } = await load.stop();
    await directorA.succeed("systemctl start keepalived");
    const bound = 3 + (256 - 50) / 256 + 1;
    t.diagnostic(
      `figure: ${kind}, failover: longest gap ${longestGap.toFixed(2)} s (bound ${bound.toFixed(2)} s), ${failed} of ${requests} requests failed`,
    );
    assert.ok(longestGap <= bound, `gap ${longestGap} s`);
    await sound();
  });

  test(`${kind}: a real server and a director come back from a power cut as they were, and nothing has drifted`, async () => {
    for (const host of [realServers[0]!, directorA]) {
      await host.crash();
      await host.start();
      await whole(host, 90);
    }
    await sound();
    succeeded(await stack.gate(pair.file()));
  });

  test(`${kind}: destroy with the hosts kept leaves files, kernel and manager as they were found`, async () => {
    succeeded(await stack.up(pair.labOnly()));
    assert.deepEqual(differences(before, await snapshots(hosts, found)), []);
  });
}
