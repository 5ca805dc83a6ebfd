import assert from "node:assert/strict";
import test from "node:test";
import { life } from "../lab/support/life.js";
import { ruleIsMissed } from "../lab/support/missed.js";
import { succeeded } from "../lab/support/stack.js";

life({
  name: "tun",
  vip: "172.16.30.100",
  async proof(scene) {
    assert.equal(await scene.backThroughDirector(8), 0, "replies do not pass the director");
    const size = 300_000;
    for (const server of scene.realServers) {
      await server.succeed(`head -c ${size} /dev/zero >/var/www/html/large`);
      assert.ok(Number(await server.succeed("cat /sys/class/net/tunl0/statistics/rx_packets")) > 0);
    }
    const ask = `curl -sS --max-time 20 -o /dev/null -w '%{http_code} %{size_download}\\n' http://${scene.vip}/large`;
    assert.deepEqual((await scene.client.succeed(`${ask}; ${ask}`)).trim().split("\n"), [`200 ${size}`, `200 ${size}`]);
    for (const server of scene.realServers) await server.succeed("rm /var/www/html/large");
  },
  more(scene) {
    test("tun: status names the MSS clamp that is gone from a real server", () =>
      ruleIsMissed(scene, scene.realServers[0]!, "mangle", "OUTPUT", "TCPMSS"));
    for (const type of ["gre", "gue"])
      test(`tun: packets go through a ${type} tunnel when the stack file says so, and through ipip again`, async () => {
        const changed = scene.stack.file((file) => (file.config["lvs:cluster"].tunnel = { type }));
        succeeded(await scene.stack.up(changed));
        await scene.serves();
        assert.match(await scene.director.succeed("ipvsadm -Sn"), new RegExp(`-i -w 1 --tun-type ${type}`));
        succeeded(await scene.stack.preview(changed, "--expect-no-changes"));
        succeeded(await scene.stack.up(scene.whole));
        await scene.serves();
      });
  },
});
