import assert from "node:assert/strict";
import test from "node:test";
import { life } from "../lab/support/life.js";
import { ruleIsMissed } from "../lab/support/missed.js";

life({
  name: "fullnat",
  vip: "172.16.30.100",
  async proof(scene) {
    assert.ok((await scene.backThroughDirector(8)) >= 8 * 3, "replies pass the director");
    for (const server of scene.realServers) {
      const log = "/var/log/nginx/access.log";
      await server.succeed(`: >${log}`);
      await scene.pages(4);
      const clients = (await server.succeed(`cut -d ' ' -f 1 ${log} | sort -u`)).trim().split("\n");
      // Checks come from the directors' own addresses.
      const others = clients.filter((address) => !/^172\.16\.30\.1[12]$/.test(address));
      assert.ok(others.length > 0 && others.every((address) => /^172\.16\.30\.20[01]$/.test(address)), clients.join());
      // Nothing of ours is on it beside its own web server.
      assert.equal((await server.run("ls /etc/sysctl.d/90-pulumi-lvs.conf")).code, 2);
    }
  },
  more(scene) {
    test("fullnat: status names the rule that is gone by which real servers see an address of the pool", () =>
      ruleIsMissed(scene, scene.director, "nat", "POSTROUTING", "SNAT"));
  },
});
