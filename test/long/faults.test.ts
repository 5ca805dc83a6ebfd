import assert from "node:assert/strict";
import { after, test } from "node:test";
import { kill, session, waitUntil } from "../lab/support/command.js";
import { Pair } from "../lab/support/pair.js";
import { seeded } from "../lab/support/random.js";
import { succeeded, type StackFile } from "../lab/support/stack.js";

const pair = new Pair("long-faults");
const { stack, directorA, directorB } = pair;
const random = seeded("faults", process.env["SEED"]);

/** Sets the weight of rs2: a change that both directors' keepalived.conf and tables show. */
const weight = (value: number) => (cluster: any) => void (cluster.realServers[1].weight = value);
let next = 1;
/** A change that differs from the one before. */
const anotherWeight = () => weight((next = (next % 9) + 2));

/** After a fault: up converges, and the cluster is whole. */
async function healed(): Promise<void> {
  succeeded(await stack.refresh(pair.file()));
  await pair.up();
  await pair.sound();
  await pair.statusIsTrue();
  succeeded(await stack.gate(pair.file()));
}

after(() => stack.clean());

test("up makes the cluster", async () => {
  await stack.init();
  await pair.up();
  await pair.sound();
});

test("an invalid keepalived.conf forced onto the master and reloaded: the other director serves, and it is drift", async () => {
  await directorA.succeed(
    "echo 'vrrp_instance {{{' >/etc/keepalived/keepalived.conf; systemctl reload keepalived || true",
  );
  await pair.oneHolder(30);
  await pair.answers();
  assert.notEqual((await stack.gate(pair.file())).code, 0);
  await healed();
});

test("keepalived that crashes at the reload of an up: the former configuration comes back and serves", async () => {
  const dropIn = "/etc/systemd/system/keepalived.service.d/crash.conf";
  await directorA.succeed(
    `printf '[Service]\\nExecReload=\\nExecReload=/bin/kill -SEGV $MAINPID\\n' >${dropIn}; systemctl daemon-reload`,
  );
  const done = await stack.up(pair.file(anotherWeight()));
  assert.notEqual(done.code, 0);
  assert.match(done.stdout + done.stderr, /director-a: keepalived did not take the new configuration/);
  await directorA.succeed(`rm ${dropIn}; systemctl daemon-reload`);
  await pair.oneHolder();
  await pair.answers();
  await healed();
});

test("keepalived that cannot run with the new configuration: the former one comes back and serves", async () => {
  const before = await directorB.succeed("cat /etc/keepalived/keepalived.conf");
  // Reads it well with -t, and ends at once with it as a daemon.
  await directorB.succeed(
    `mkdir /usr/local/real; mv /usr/sbin/keepalived /usr/local/real/keepalived
     printf '%s\\n' '#!/bin/sh' 'case " $* " in *" -t "*) ;; *) grep -q "weight 77" /etc/keepalived/keepalived.conf && exit 1 ;; esac' 'exec /usr/local/real/keepalived "$@"' >/usr/sbin/keepalived
     chmod +x /usr/sbin/keepalived
     printf '[Service]\\nExecReload=\\nExecReload=/bin/kill -KILL $MAINPID\\n' >/etc/systemd/system/keepalived.service.d/crash.conf
     systemctl daemon-reload`,
  );
  const done = await stack.up(pair.file(weight(77)));
  assert.notEqual(done.code, 0);
  assert.match(done.stdout + done.stderr, /director-b: keepalived did not take the new configuration/);
  assert.equal(await directorB.succeed("cat /etc/keepalived/keepalived.conf"), before);
  // The master was not touched.
  assert.doesNotMatch(await directorA.succeed("cat /etc/keepalived/keepalived.conf"), /weight 77/);
  await pair.sound();
  await directorB.succeed("systemctl is-active --quiet keepalived");
  await directorB.succeed(
    "mv -f /usr/local/real/keepalived /usr/sbin/keepalived; rmdir /usr/local/real; rm /etc/systemd/system/keepalived.service.d/crash.conf; systemctl daemon-reload",
  );
  pair.undo();
  await healed();
});

for (const [what, make, says] of [
  [
    "a full disk",
    "mount -t tmpfs -o size=16k none /etc/keepalived && cp -a /run/kept/. /etc/keepalived/ && dd if=/dev/zero of=/etc/keepalived/fill bs=1k count=16 2>/dev/null || true",
    /No space left/,
  ],
  [
    "a read-only file system",
    "mount --bind /etc/keepalived /etc/keepalived && mount -o remount,ro,bind /etc/keepalived",
    /Read-only file system/,
  ],
] as const)
  test(`${what} while a director's file is written: it serves on with the former one`, async () => {
    await directorB.succeed(`rm -rf /run/kept; cp -a /etc/keepalived /run/kept; ${make}`);
    const done = await stack.up(pair.file(anotherWeight()));
    assert.notEqual(done.code, 0);
    assert.match(done.stdout + done.stderr, says);
    await pair.oneHolder();
    await directorB.succeed("systemctl is-active --quiet keepalived");
    await directorB.succeed("umount /etc/keepalived; rm -rf /run/kept");
    await healed();
  });

test("SSH cut at ten random points of an up: the next one goes on", async (t) => {
  for (let round = 0; round < 10; round += 1) {
    const victim = random.pick([directorA, directorB, pair.machine("rs1")]);
    const edit = anotherWeight();
    const up = stack.start(
      "up",
      pair.file((cluster) => {
        edit(cluster);
        cluster.realServers[0].sysctls = { "net.ipv4.tcp_keepalive_time": 3600 + round };
      }),
    );
    const exited = new Promise((resolve) => up.once("exit", resolve));
    const seconds = 2 + random.number() * 10;
    // Beside the clock, not instead of a condition: the moment is to be any.
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    await victim.cutSsh();
    await exited;
    t.diagnostic(`figure: SSH of ${victim.name} cut after ${seconds.toFixed(1)} s: up exited ${up.exitCode}`);
    await pair.up();
  }
  await healed();
});

test("the CLI killed at 20 random points of an up: the next one goes on", async (t) => {
  for (let round = 0; round < 20; round += 1) {
    const up = stack.start("up", pair.file(anotherWeight()));
    const seconds = 1.5 + random.number() * 9;
    const exited = new Promise((resolve) => up.once("exit", resolve));
    await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, seconds * 1000))]);
    const was = up.exitCode;
    kill((await session(up.pid!)).keys());
    await exited;
    await pair.oneHolder();
    t.diagnostic(`figure: killed after ${seconds.toFixed(1)} s${was === null ? "" : ", when it had ended"}`);
    if (round % 5 === 4) await pair.up();
  }
  await healed();
});

test("sshd stopped on one host: its own change fails with the reason, the others are done, the next up finishes", async () => {
  const rs1 = pair.machine("rs1");
  await rs1.succeed(
    "systemd-run --quiet --timer-property=AccuracySec=100ms --on-active=45 systemctl start ssh.service; systemd-run --quiet --timer-property=AccuracySec=100ms --on-active=1 sh -c 'systemctl stop ssh.service; pkill sshd'",
  );
  await waitUntil("rs1 does not answer", async () => (await rs1.run("true")).code !== 0, 20);
  const file = pair.file((cluster) => {
    for (const server of cluster.realServers) server.sysctls = { "net.ipv4.tcp_keepalive_intvl": 70 };
  });
  const done = await stack.up(file);
  assert.notEqual(done.code, 0);
  assert.match(done.stdout + done.stderr, /rs1 \(.*\): /);
  assert.equal((await pair.machine("rs2").succeed("sysctl -n net.ipv4.tcp_keepalive_intvl")).trim(), "70");
  await rs1.answers(90);
  await healed();
});

test("a clock that jumps a day ahead on the master, and back, moves nothing", async () => {
  for (const jump of ["+1 day", "-1 day"]) {
    await directorA.succeed(`date -s '${jump}' >/dev/null`);
    await pair.oneHolder(10, "director-a");
    await pair.sound();
  }
  await healed();
});

test("a network set-up that restarts and drops the master's addresses: one holder, and traffic", async () => {
  await directorA.succeed(
    "ip address flush dev ens32; ip address add 192.168.184.11/24 dev ens32; ip link set ens32 up",
  );
  await pair.sound();
  await healed();
});

test("both directors rebooted at once", async () => {
  await Promise.all(pair.directors.map((director) => director.crash()));
  await Promise.all(pair.directors.map((director) => director.start()));
  await pair.oneHolder(60, "director-a");
  await pair.sound();
  await healed();
});

test("a link that flaps every second for 30 s", async () => {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    await directorA.block();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await directorA.unblock();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await pair.oneHolder(60, "director-a");
  await healed();
});

test("protocol 112 blocked between the directors: two masters, which drift and verification report", async () => {
  await directorB.succeed(
    "DEBIAN_FRONTEND=noninteractive apt-get -qq install -y iptables >/dev/null 2>&1; iptables-legacy -A INPUT -p 112 -j DROP",
  );
  await waitUntil("both hold the VIP", async () => (await pair.holders()).length === 2, 30);
  const gate = await stack.gate(pair.file());
  assert.notEqual(gate.code, 0);
  assert.match(gate.stdout + gate.stderr, /exactly one director must hold it, got director-a and director-b/);
  const done = await stack.up(pair.file(anotherWeight()));
  assert.notEqual(done.code, 0);
  assert.match(
    done.stdout + done.stderr,
    /Look whether the directors hear each other's VRRP advertisements \(protocol 112\)/,
  );
  await directorB.succeed("iptables-legacy -D INPUT -p 112 -j DROP");
  await pair.oneHolder(30, "director-a");
  await healed();
});

test("a VIP added by hand on the backup, and a stranger with our virtual router id, are drift", async () => {
  await directorB.succeed(`ip address add ${pair.vip}/24 dev ens32`);
  const gate = await stack.gate(pair.file());
  assert.match(
    gate.stdout + gate.stderr,
    /director-b: ens32 192\.168\.184\.100\/24 is on the host, which is not master of it/,
  );
  await healed();

  const stranger = pair.machine("rs2");
  // A version 2 advertisement of priority 1, which no director believes: it has no password.
  const speak = `perl -MSocket -e 'socket(S, PF_INET, SOCK_RAW, 112) or die; while (!-e "/run/hush") { send(S, pack("C8", 0x21, 51, 1, 1, 0, 1, 0, 0) . inet_aton("192.168.184.100"), 0, sockaddr_in(0, inet_aton("224.0.0.18"))); select undef, undef, undef, 0.3 }'`;
  await stranger.succeed(
    `ip route add 224.0.0.18 dev ens32; rm -f /run/hush; systemd-run --quiet --unit=stranger ${"sh -c " + JSON.stringify(speak).replaceAll("$", "\\$")}`,
  );
  const heard = await stack.gate(pair.file());
  await stranger.succeed("touch /run/hush; ip route del 224.0.0.18 dev ens32");
  assert.notEqual(heard.code, 0);
  assert.match(
    heard.stdout + heard.stderr,
    /hears 192\.168\.184\.13, which is no director, advertise virtual router id 51/,
  );
  succeeded(await stack.gate(pair.file()));
});

test("two stacks of the same hosts at once: neither changes a host while the other does", async () => {
  await directorA.succeed(
    'read -r now _ </proc/uptime; echo "$((${now%.*} + 20)) somebody alice@elsewhere (process 1, other)" >/run/pulumi-lvs.lease',
  );
  const begin = Date.now();
  const done = await pair.up(anotherWeight());
  assert.ok(Date.now() - begin > 12_000, "it waited");
  assert.match(done.stdout, /director-a.*: waiting, alice@elsewhere \(process 1, other\) is changing this host/);
  await pair.sound();
  assert.equal((await directorA.run("test -e /run/pulumi-lvs.lease")).code, 1, "it was given back");
});

test("up of one host only, by --target", async () => {
  const edit = (cluster: any) => {
    for (const server of cluster.realServers) server.sysctls = { "net.ipv4.tcp_keepalive_intvl": 60 };
  };
  succeeded(await stack.up(pair.file(edit), "--target", "**lvs-rs1"));
  const value = async (name: string) =>
    (await pair.machine(name).succeed("sysctl -n net.ipv4.tcp_keepalive_intvl")).trim();
  assert.deepEqual([await value("rs1"), await value("rs2")], ["60", "70"]);
  await healed();
});

test("a real server that is gone for good: its resource leaves the state, the rest goes on", async () => {
  const rs2 = pair.machine("rs2");
  await rs2.crash();
  const urn = `urn:pulumi:${stack.name}::lvs::lvs:index:LvsCluster$lvs:index:RealServerPool$lvs:index:Host::lvs-rs2`;
  succeeded(await stack.pulumi("state", "delete", "-s", stack.name, "--yes", "--target-dependents", urn));
  const file = pair.stack.file(({ config }: StackFile) => {
    config["lvs:cluster"].realServers.splice(1, 1);
  });
  succeeded(await stack.up(file));
  await pair.sound(1);
});
