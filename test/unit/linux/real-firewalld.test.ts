import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { localHost } from "../../../infra/host/local.js";
import type { Host } from "../../../infra/host/types.js";
import type { Reading } from "../../../infra/linux/noun.js";
import { planCluster } from "../../../infra/render/index.js";
import {
  asInputs,
  changeAll,
  keysOf,
  mergeFound,
  outOfStep,
  readAll,
  type Readings,
  type Wants,
} from "../../../infra/provider/sections.js";
import { caseOne, changed, checked } from "../spec/case-1.js";
import { run, skip } from "./namespace.js";

const needs = ["/usr/sbin/firewalld", "/usr/bin/firewall-cmd", "/usr/bin/dbus-daemon", "/usr/sbin/nft"];
const without = needs.find((path) => !existsSync(path));
const why = skip || (without === undefined ? false : `${without} is not installed`);

const bus = `<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/>
${["method_call", "signal", "method_return", "error"].map((type) => `<allow send_type="${type}"/><allow receive_type="${type}"/>`).join("")}
</policy></busconfig>`;

/** firewalld with settings of its own, in namespaces of its own; all goes with the first process. */
const start = `mount -t tmpfs run /run && mkdir -p /run/dbus /run/own && cp -a /etc/firewalld /run/own/etc
mount --bind /run/own/etc /etc/firewalld
printf '%s' "$1" >/run/bus.conf
dbus-daemon --config-file=/run/bus.conf --fork
ip link set lo up
firewalld --nofork --nopid >/run/firewalld.log 2>&1 &
until firewall-cmd --state >/dev/null 2>&1; do sleep 0.2; done
echo ready
read end`;

describe("on a host with firewalld", { skip: why }, () => {
  let host: Host;
  let end: () => Promise<void>;
  const firewall = { backend: "firewalld", allow: true };
  const plan = planCluster(
    checked(
      changed(caseOne().cluster, {
        set: { "/firewall": firewall, "/forwarding": "nat", "/dip": { address: "192.168.184.1/24" } },
      }),
    ),
  ).hosts["director-a"]!;
  const want: Wants = {
    rules: plan.rules!,
    files: Object.fromEntries(Object.entries(plan.files).filter(([path]) => path.startsWith("/etc/firewalld/"))),
  };
  let found: Readings = {};
  const read = async (keys: Wants = want) => {
    const query = readAll(keysOf(keys));
    return query.parse(await host.run(query.steps));
  };
  const ruleset = () => run(host, ["sh", "-c", "nft list ruleset; ls -R /etc/firewalld"]);
  let had = "";

  before(async () => {
    const keeper = spawn(
      "unshare",
      ["-n", "-m", "-p", "-f", "--mount-proc", "--kill-child", "sh", "-c", start, "sh", bus],
      {
        stdio: ["pipe", "pipe", "inherit"],
      },
    );
    await once(keeper.stdout, "data");
    const { stdout } = await localHost("this machine", ["/bin/sh"])
      .run([{ argv: ["cat", `/proc/${keeper.pid}/task/${keeper.pid}/children`] }])
      .then(([answer]) => answer!);
    host = localHost("firewalld", ["nsenter", "-t", stdout.trim(), "-n", "-m", "-p", "/bin/sh"]);
    end = async () => {
      keeper.stdin.end();
      if (keeper.exitCode === null) await once(keeper, "exit");
    };
    had = await ruleset();
  });
  after(() => end());

  test("policies of our own let the cluster through, and read back as they were wanted", async () => {
    found = await read();
    assert.deepEqual(states(found), ["absent"]);
    await host.run(changeAll(found, want, {}).filter(({ argv }) => argv[0] !== "sync"));
    assert.deepEqual(outOfStep(await read(), want), []);
    const chains = await run(host, ["nft", "list", "ruleset"]);
    assert.match(chains, /ip daddr 192\.168\.184\.100 tcp dport 80 accept/);
    assert.match(chains, /ip daddr 224\.0\.0\.18 meta l4proto (vrrp|112) accept/);
    assert.match(chains, /ip saddr 192\.168\.184\.12 tcp sport 80 accept/);
    assert.match(chains, /ip daddr 192\.168\.184\.100 tcp dport 80 notrack/);
  });

  test("a reload and a new start of firewalld keep them, and what stands in our own table", async () => {
    await run(host, ["firewall-cmd", "--quiet", "--reload"]);
    assert.deepEqual(outOfStep(await read(), want), []);
    await run(host, ["firewall-cmd", "--quiet", "--complete-reload"]);
    assert.deepEqual(outOfStep(await read(), want), []);
  });

  test("one that somebody took out of the running firewalld is drift, and comes back", async () => {
    const words = 'rule family="ipv4" destination address="192.168.184.100" port port="80" protocol="tcp" accept';
    await run(host, ["firewall-cmd", "--quiet", "--policy", "lvs-in", `--remove-rich-rule=${words}`]);
    const have = await read();
    assert.deepEqual(outOfStep(have, want), [`rules[${JSON.stringify(`firewalld lvs-in ${words}`)}]`]);
    assert.equal(
      Object.keys(asInputs(have, want, assert.fail).rules ?? {}).length,
      Object.keys(want.rules!).length - 1,
    );
    await host.run(changeAll(have, want, {}).filter(({ argv }) => argv[0] !== "sync"));
    assert.deepEqual(outOfStep(await read(), want), []);
  });

  test("given up, firewalld is as it was found", async () => {
    await host.run(changeAll(await read(), {}, mergeFound(found, {})).filter(({ argv }) => argv[0] !== "sync"));
    assert.equal(await ruleset(), had);
  });
});

function states(readings: Readings): string[] {
  return [
    ...new Set(
      Object.values(readings).flatMap((map) =>
        Object.values(map as Record<string, Reading<unknown>>).map(({ state }) => state),
      ),
    ),
  ];
}
