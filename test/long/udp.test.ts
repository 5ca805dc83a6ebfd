import assert from "node:assert/strict";
import { life, type Scene } from "../lab/support/life.js";

/** Answers to `count` questions from one source port, by UDP or each over an SCTP connection of its own. */
const ASK = `
use strict; use Socket;
my ($protocol, $address, $count) = @ARGV;
my $to = sockaddr_in(5000, inet_aton($address));
my $udp; if ($protocol eq 'udp') { socket($udp, PF_INET, SOCK_DGRAM, 17) or die $!; connect($udp, $to) or die $! }
for (1 .. $count) {
  my ($socket, $answer) = ($udp);
  alarm 5;
  if ($protocol eq 'udp') { send($socket, '?', 0) }
  else { socket($socket, PF_INET, SOCK_STREAM, 132) or die $!; connect($socket, $to) or die $! }
  recv($socket, $answer, 1500, 0);
  print $answer;
}
`;

async function ask(scene: Scene, protocol: string, address: string, count: number): Promise<string[]> {
  const done = await scene.client.run(`exec perl - ${protocol} ${address} ${count}`, ASK);
  assert.equal(done.code, 0, `${protocol} ${address}: ${done.stderr}`);
  return done.stdout.trim().split("\n");
}

life({
  name: "udp",
  vip: "192.168.184.100",
  http: false,
  // The kernel's own control sockets hold the module: once loaded, sctp stays until the next boot, as rmmod(8) says too.
  stays: /^rs[12]: (sysctls: \+ net\.sctp\.|modules: \+ (sctp|udp_tunnel|ip6_udp_tunnel|hmac)$)/,
  async proof(scene) {
    const each = await ask(scene, "udp", "192.168.184.100", 8);
    for (const [index, answer] of each.entries()) if (index > 0) assert.notEqual(answer, each[index - 1], each.join());
    assert.equal(new Set(await ask(scene, "udp", "192.168.184.101", 8)).size, 1, "one source port, one real server");
    const sctp = await ask(scene, "sctp", "192.168.184.100", 4);
    assert.deepEqual([...new Set(sctp)].sort(), ["rs1", "rs2"]);
    assert.match(await scene.director.succeed("ipvsadm -Sn"), /^-A -u 192\.168\.184\.100:5000 -s rr -o *$/m);
  },
});
