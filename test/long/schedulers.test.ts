import assert from "node:assert/strict";
import { assertShares, life, type Scene } from "../lab/support/life.js";

const VIP = "192.168.184.100";
const schedulers = ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh"];
const url = (scheduler: string) => `http://${VIP}:${8001 + schedulers.indexOf(scheduler)}/`;

/** Pages over connections that stay open, one after the other, from one client. */
async function held(scene: Scene, port: number, count: number): Promise<string[]> {
  const script = `
use strict; use IO::Socket::INET;
my @open;
for (1 .. ${count}) {
  my $s = IO::Socket::INET->new(PeerAddr => '${VIP}', PeerPort => ${port}, Timeout => 5) or die $!;
  print $s "GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n";
  while (<$s>) { last if /^\\r/ }
  print scalar <$s>;
  push @open, $s;
}`;
  const done = await scene.client.run("exec perl -", script);
  assert.equal(done.code, 0, done.stderr);
  return done.stdout.trim().split("\n");
}

life({
  name: "schedulers",
  vip: VIP,
  http: false,
  async proof(scene) {
    const rules = await scene.director.succeed("ipvsadm -Sn");
    for (const [index, scheduler] of schedulers.entries())
      assert.match(rules, new RegExp(`-A -t ${VIP}:${8001 + index} -s ${scheduler} *$`, "m"));
    assert.match(rules, new RegExp(`-A -t ${VIP}:8014 -s sh -b sh-fallback,sh-port *$`, "m"));
    assert.match(rules, new RegExp(`-A -t ${VIP}:8015 -s mh -b mh-fallback,mh-port *$`, "m"));

    assertShares(await scene.tally(300, url("rr")), { rs1: 1, rs2: 1 });
    assertShares(await scene.tally(300, url("wrr")), { rs1: 1, rs2: 2 });
    for (const scheduler of ["sh", "dh", "mh"])
      assert.equal(Object.keys(await scene.tally(20, url(scheduler))).length, 1, `${scheduler}: one for one client`);
    for (const port of [8014, 8015]) {
      const counts = await scene.tally(60, `http://${VIP}:${port}/`);
      assert.deepEqual(Object.keys(counts).sort(), ["rs1", "rs2"], "by the client's port both are met");
    }
    assert.deepEqual(await scene.tally(20, url("fo")), { rs2: 20 }, "fo: the one of the highest weight");
    // With connections that stay, lc evens them out, and wlc and sed do by weight.
    const count = (pages: string[], name: string) => pages.filter((page) => page === name).length;
    assert.equal(count(await held(scene, 8003, 12), "rs1"), 6, "lc");
    assert.equal(count(await held(scene, 8004, 12), "rs1"), 4, "wlc");
    assert.equal(count(await held(scene, 8009, 12), "rs1"), 4, "sed");
  },
});
