import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Pair, webServer, withRs3 } from "../lab/support/pair.js";
import { slowDownload } from "../lab/support/slow-download.js";
import { succeeded } from "../lab/support/stack.js";
import { Load, type Figures } from "../lab/support/traffic.js";

const RATE = 200;
const pair = new Pair("long-reliability", withRs3);
const { stack, directorA, directorB, client } = pair;

type Seen = Figures & { seconds: number };

/** What a load of 200 requests/s saw while something was done; a request has failed after `limit` seconds. */
async function under(work: () => Promise<unknown>, limit: number): Promise<Seen> {
  const load = await Load.start(client, pair.vip, { rate: RATE, limit });
  const begin = Date.now();
  try {
    await work();
    const seconds = (Date.now() - begin) / 1000;
    // What a change breaks may show a moment later.
    await load.answered(2 * RATE, 60);
    return { ...(await load.stop()), seconds };
  } catch (error) {
    await load.stop();
    throw error;
  }
}

function figure(what: string, { requests, failed, longestGap, seconds, reasons }: Seen): string {
  const why = failed > 0 ? ` (${JSON.stringify(reasons)})` : "";
  return (
    `figure: ${what}: ${failed} of ${requests} requests failed${why}, ` +
    `longest gap ${longestGap.toFixed(2)} s, it took ${seconds.toFixed(0)} s`
  );
}

interface Claim {
  /** Seconds after which a request has failed; 1, since nothing may even be slow. */
  limit?: number;
  /** The VIP moves by its holder's leaving: connections that it has at that moment may be cut. */
  cuts?: boolean;
  more?: (seen: Seen) => Promise<void> | void;
}

/** Something under load that must not cost a request. */
function lossless(what: string, work: () => Promise<unknown>, { limit = 1, cuts = false, more }: Claim = {}): void {
  test(`${what}: no request fails`, async (t) => {
    const seen = await under(work, limit);
    t.diagnostic(figure(what, seen));
    assert.equal(seen.failed - (cuts ? seen.cut : 0), 0, JSON.stringify(seen.reasons));
    assert.ok(seen.perSecond > RATE * 0.95, `${seen.perSecond} requests/s`);
    await more?.(seen);
  });
}

const change = (edit: (cluster: any) => void) => () => pair.up(edit);

after(() => stack.clean());

test("up makes the cluster, with a third machine beside it", async () => {
  await stack.init();
  await pair.up();
  await pair.oneHolder(60, "director-a");
  await pair.statusIsTrue();
});

lossless(
  "a changed weight",
  change(({ realServers }) => (realServers[1].weight = 3)),
  {
    async more() {
      assert.ok((await directorA.table()).some((rule) => /192\.168\.184\.13:80 -g -w 3$/.test(rule)));
    },
  },
);

lossless(
  "a real server more",
  change(({ realServers }) => realServers.push(webServer("rs3", "192.168.184.15"))),
  { more: ({ bodies }) => assert.ok(bodies["rs3"], JSON.stringify(bodies)) },
);

lossless(
  "a real server that drains",
  change(({ realServers }) => (realServers[1].drain = true)),
  {
    async more() {
      for (const director of pair.directors)
        assert.ok((await director.table()).every((rule) => !rule.includes("192.168.184.13")));
      assert.ok(await pair.machine("rs2").holds(`${pair.vip}/32`, "lo"), "it stays set up");
    },
  },
);

lossless(
  "a real server that is removed",
  change(({ realServers }) => realServers.splice(1, 1)),
  {
    async more() {
      assert.ok(!(await pair.machine("rs2").holds(`${pair.vip}/32`, "lo")), "it is given back");
    },
  },
);

lossless(
  "another check",
  change(({ services }) => (services[0].check = { type: "tcp", delayLoop: 2 })),
);

lossless(
  "another scheduler",
  change(({ services }) => (services[0].scheduler = "wlc")),
  {
    async more() {
      assert.ok((await directorA.table()).some((rule) => rule.includes("-s wlc")));
    },
  },
);

lossless(
  "persistence",
  change(({ services }) => (services[0].persistence = { timeout: 50 })),
);

lossless(
  "a second service",
  change(({ services }) =>
    services.push({
      vip: pair.vip,
      port: 53,
      protocol: "udp",
      scheduler: "rr",
      check: { type: "icmp", delayLoop: 2 },
    }),
  ),
);

lossless(
  "an unrelated sysctl",
  change(({ directors }) => {
    for (const director of directors) director.sysctls = { "net.ipv4.tcp_keepalive_time": 3600 };
  }),
);

lossless("a refresh", async () => succeeded(await stack.refresh(pair.file())));

lossless("an up without a change", async () => succeeded(await stack.up(pair.file(), "--expect-no-changes")));

lossless("packages repaired on the backup", async () => {
  await directorB.succeed("DEBIAN_FRONTEND=noninteractive apt-get -qq purge keepalived ipvsadm >/dev/null 2>&1");
  succeeded(await stack.refresh(pair.file()));
  await pair.up();
  await directorB.succeed("systemctl is-active --quiet keepalived");
});

// From here on new requests may wait for the VIP: TCP asks again after 1 s and after 3 s.

lossless(
  "another VRRP password",
  change(({ vrrp }) => (vrrp.authPass = "anders12")),
  {
    limit: 5,
    async more() {
      await pair.oneHolder(30, "director-a");
      await directorB.succeed("systemctl is-active --quiet keepalived");
    },
  },
);

lossless(
  "a VIP more",
  change(({ vips }) => vips.push({ address: "192.168.184.101/24", interface: "ens32" })),
  {
    limit: 5,
    async more() {
      await pair.oneHolder(30, "director-a");
      assert.ok(await directorA.holds("192.168.184.101/24", "ens32"));
      assert.ok(!(await directorB.holds("192.168.184.101/24", "ens32")));
    },
  },
);

lossless(
  "the master changed on purpose",
  change(({ directors }) => {
    Object.assign(directors[0], { state: "BACKUP", priority: 50 });
    Object.assign(directors[1], { state: "MASTER", priority: 100 });
  }),
  { limit: 5, more: async () => void (await pair.oneHolder(30, "director-b")) },
);

lossless(
  "both directors rebooted, one after the other",
  async () => {
    for (const director of [directorA, directorB]) {
      await director.shutDown();
      await director.start();
      await director.succeed("systemctl is-active --quiet keepalived");
      await pair.oneHolder(60, "director-b");
    }
  },
  { limit: 5, cuts: true },
);

test("a connection that goes on holds a real server that leaves until it has ended", async (t) => {
  const [rs1] = [pair.machine("rs1")];
  await pair.up(({ services }) => {
    delete services[0].persistence;
    // In turn: the least loaded one would be rs2 for more than one of them, since it comes back without any connection.
    services[0].scheduler = "rr";
  });
  await pair.up(({ realServers }) => realServers.push(webServer("rs2", "192.168.184.13")));
  for (const server of [rs1, pair.machine("rs2"), pair.machine("rs3")])
    await server.succeed("head -c 1500000 /dev/zero >/var/www/html/slow");
  // Three downloads of 30 s, one of which is rs2's.
  const downloads = Promise.all([1, 2, 3].map(() => slowDownload(client, pair.vip, 50_000)));
  const done = await pair.up(({ realServers }) => (realServers.find(({ name }: any) => name === "rs2").drain = true));
  t.diagnostic(`figure: draining a real server with a download of 30 s took ${done.seconds.toFixed(0)} s`);
  assert.match(done.stdout, /rs2: 1 active connection; waiting until they end/);
  for (const { stdout } of await downloads) assert.equal(stdout, "200 1500000");
  assert.ok((await directorB.table()).every((rule) => !rule.includes("192.168.184.13")));
});

test("a real server that does not answer is not listed, and the former configuration goes on", async () => {
  const broken = (cluster: any) => {
    const rs2 = cluster.realServers.find(({ name }: any) => name === "rs2");
    rs2.drain = false;
    rs2.units = { "nginx.service": { enabled: true, active: false } };
  };
  const done = await stack.up(pair.file(broken));
  assert.notEqual(done.code, 0);
  assert.match(done.stdout + done.stderr, /must answer before it is listed, got a failing check of rs2/);
  for (const director of pair.directors)
    assert.ok((await director.table()).every((rule) => !rule.includes("192.168.184.13")));
  assert.doesNotMatch(await directorA.succeed("cat /etc/keepalived/keepalived.conf"), /192\.168\.184\.13/);
  pair.undo();
  await pair.up();
  await pair.sound(4);
  await pair.statusIsTrue();
});
