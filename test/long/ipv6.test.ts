import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../lab/support/command.js";
import { life, type Scene } from "../lab/support/life.js";
import { succeeded } from "../lab/support/stack.js";

const VIP6 = "2001:db8:184::100";

/** Waits until the director has both VIPs, and the other one neither. */
const together = (scene: Scene, holder: number) =>
  waitUntil(
    `${scene.directors[holder]!.name} has both VIPs`,
    async () => {
      const held = await Promise.all(
        scene.directors.flatMap((each) => [
          each.holds(`${VIP6}/64`, "ens32"),
          each.holds("192.168.184.100/24", "ens32"),
        ]),
      );
      return held.join() === scene.directors.flatMap((_, at) => [at === holder, at === holder]).join();
    },
    30,
  );

life({
  name: "ipv6",
  vip: "192.168.184.100",
  async proof(scene) {
    assert.equal(await scene.backThroughDirector(8), 0, "replies do not pass the director");
    const got = await scene.pages(8, `http://[${VIP6}]/`);
    assert.deepEqual([...new Set(got)].sort(), ["rs1", "rs2"]);
    for (const [index, page] of got.entries()) if (index > 0) assert.notEqual(page, got[index - 1], got.join(" "));
    // Both VIPs are on one director, together, and on each real server without a check for duplicates.
    const held = await Promise.all(scene.directors.map((director) => director.holds(`${VIP6}/64`, "ens32")));
    assert.deepEqual(held, [true, false]);
    for (const server of scene.realServers) {
      assert.ok(await server.holds(`${VIP6}/128`, "lo"));
      assert.doesNotMatch(await server.succeed("ip -6 address show dev lo"), /dadfailed|tentative/);
    }
    // The neighbour that the client knows for the VIP is the director.
    const neighbour = await scene.client.succeed(`ip -6 neighbour show ${VIP6} dev ens32`);
    assert.match(neighbour, new RegExp(`lladdr ${await scene.director.mac("ens32")} `));
  },
  more(scene) {
    test("ipv6: a stranger who advertises our virtual router id over IPv6 is drift", async () => {
      const stranger = scene.realServers[1]!;
      const index = (await stranger.succeed("cat /sys/class/net/ens32/ifindex")).trim();
      // A version 3 advertisement of priority 1 without a checksum, which no director believes.
      const speak = `perl -MSocket=:DEFAULT,inet_pton -e 'socket(S, PF_INET6, SOCK_RAW, 112) or die; my $to = pack_sockaddr_in6(0, inet_pton(AF_INET6, "ff02::12"), ${index}); for (1 .. 600) { last if -e "/run/hush"; send(S, pack("C8", 0x31, 51, 1, 1, 0, 100, 0, 0) . inet_pton(AF_INET6, "${VIP6}"), 0, $to); select undef, undef, undef, 0.3 }'`;
      await stranger.succeed(
        `cat >/run/speak <<'END'\n${speak}\nEND\nrm -f /run/hush; systemd-run --quiet --unit=stranger sh /run/speak`,
      );
      const heard = await scene.stack.gate(scene.whole);
      await stranger.succeed("touch /run/hush; rm /run/speak");
      assert.notEqual(heard.code, 0);
      assert.match(
        heard.stdout + heard.stderr,
        /hears fe80::\S+, which is no director, advertise virtual router id 51/,
      );
      succeeded(await scene.stack.gate(scene.whole));
    });

    test("ipv6: a watched program with a weight takes both VIPs to the other director, and back", async () => {
      const file = (watched: boolean) =>
        scene.stack.file(({ config }) => {
          const { vrrp, directors } = config["lvs:cluster"];
          if (watched)
            vrrp.trackScripts = [{ name: "healthy", path: "/usr/local/sbin/healthy", user: "nobody", weight: -60 }];
          for (const director of directors)
            director.files = {
              "/usr/local/sbin/healthy": { mode: "0755", content: "#!/bin/sh\n! test -e /run/ill\n" },
            };
        });
      succeeded(await scene.stack.up(file(true)));
      await together(scene, 0);
      await scene.director.succeed("touch /run/ill");
      await together(scene, 1);
      await scene.director.succeed("rm /run/ill");
      await together(scene, 0);
      // In two steps, since files change before what uses them.
      succeeded(await scene.stack.up(file(false)));
      succeeded(await scene.stack.up(scene.whole));
    });
  },
});
