import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Pair } from "../lab/support/pair.js";
import { differences, snapshots } from "../lab/support/snapshot.js";
import { succeeded } from "../lab/support/stack.js";
import { Load } from "../lab/support/traffic.js";

const PASSWORD = "altes-12";
const pair = new Pair("long-adoption");
const { stack, client } = pair;
const labOnly = pair.labOnly();
const servers = ["rs1", "rs2"].map((name) => pair.machine(name));
const hosts = [...pair.directors, ...servers];

/** A keepalived.conf as somebody would have written it by hand. */
const byHand = (state: string, priority: number) => `! written by hand, years ago
global_defs {
  router_id OLD
}
vrrp_instance OLD {
  state ${state}
  interface ens32
  virtual_router_id 51
  priority ${priority}
  advert_int 1
  authentication {
    auth_type PASS
    auth_pass ${PASSWORD}
  }
  virtual_ipaddress {
    ${pair.vip}/24 dev ens32 label ens32:3
  }
}
virtual_server ${pair.vip} 80 {
  delay_loop 3
  lb_algo wrr
  lb_kind DR
  protocol TCP
  real_server 192.168.184.12 80 {
    weight 1
    TCP_CHECK {
      connect_timeout 3
    }
  }
  real_server 192.168.184.13 80 {
    weight 1
    TCP_CHECK {
      connect_timeout 3
    }
  }
}
`;

const install = (...packages: string[]) =>
  `DEBIAN_FRONTEND=noninteractive apt-get -qq update >/dev/null 2>&1; DEBIAN_FRONTEND=noninteractive apt-get -qq install -y ${packages.join(" ")} >/dev/null 2>&1`;

after(() => stack.clean());

test("a pair that somebody set up by hand serves", async () => {
  await stack.init();
  succeeded(await stack.up(labOnly));
  await Promise.all(
    servers.map((server) =>
      server.succeed(
        `${install("nginx-light")}; echo ${server.name} >/var/www/html/index.nginx-debian.html
         sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2 net.ipv4.conf.ens32.arp_ignore=1 net.ipv4.conf.ens32.arp_announce=2
         ip address add ${pair.vip}/32 dev lo`,
      ),
    ),
  );
  await Promise.all(
    pair.directors.map(async (director, index) => {
      await director.succeed(install("keepalived", "ipvsadm"));
      const conf = byHand(index === 0 ? "MASTER" : "BACKUP", index === 0 ? 100 : 50);
      await director.succeed(
        `cat >/etc/keepalived/keepalived.conf <<'END'\n${conf}END\nsystemctl enable --quiet --now keepalived`,
      );
    }),
  );
  await pair.oneHolder(60, "director-a");
  await pair.sound();
});

/** The cluster of the stack file, as the pair was set up by hand. */
function asItIs({ vrrp }: any): void {
  // Under another name it would be another instance to keepalived, and the VIP would be away for a moment.
  Object.assign(vrrp, { authPass: PASSWORD, instance: "OLD" });
}

test("a preview with --refresh says what would be replaced on each host, and a preview alone asks no host", async () => {
  const file = pair.file(asItIs);
  const before = await snapshots(hosts);
  const { stdout, stderr } = succeeded(await stack.preview(file, "--refresh"));
  const said = stdout + stderr;
  for (const director of pair.directors) {
    const { name } = director;
    assert.match(said, new RegExp(`${name}: asked now: this is there and would be replaced; it is kept`));
  }
  const lines = byHand("MASTER", 100).split("\n").length - 1;
  assert.match(
    said,
    new RegExp(`files\\["/etc/keepalived/keepalived.conf"\\]: ${lines} lines, mode 0644 -> \\d+ lines`),
  );
  assert.match(said, /the kernel's table: .*wrr/);
  assert.match(said, /rs1: asked now: /);
  assert.doesNotMatch(said, new RegExp(PASSWORD));
  const alone = succeeded(await stack.preview(file));
  assert.doesNotMatch(alone.stdout + alone.stderr, /asked now/);
  assert.deepEqual(differences(before, await snapshots(hosts)), []);
});

test("it is taken over without a request lost, and given back without one", async (t) => {
  const before = await snapshots(hosts);
  // A real server is without the VIP for a moment when it is given back: then TCP asks again after 1 s.
  const load = await Load.start(client, pair.vip, { rate: 50, limit: 5 });
  const done = await pair.up();
  await pair.sound();
  await pair.statusIsTrue();
  succeeded(await stack.gate(pair.file()));
  const table = await pair.directorA.table();
  assert.ok(table.includes(`-A -t ${pair.vip}:80 -s rr`), table.join("\n"));
  const there = load.requests.filter(({ ok }) => !ok).length;
  t.diagnostic(
    `figure: taken over in ${done.seconds.toFixed(0)} s: ${there} of ${load.requests.length} requests failed`,
  );

  succeeded(await stack.up(labOnly));
  await pair.sound();
  const seen = await load.stop();
  t.diagnostic(
    `figure: taken over and given back: ${seen.failed} of ${seen.requests} requests failed (${JSON.stringify(seen.reasons)}), longest gap ${seen.longestGap.toFixed(2)} s`,
  );
  assert.ok((await pair.directorA.table()).includes(`-A -t ${pair.vip}:80 -s wrr`));
  assert.deepEqual(differences(before, await snapshots(hosts)), []);
  assert.equal(seen.failed, 0);
  assert.ok(seen.longestGap < 1, `gap ${seen.longestGap} s`);
});
