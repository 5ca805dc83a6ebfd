import assert from "node:assert/strict";
import test from "node:test";
import { lipsAreSeen } from "../lab/support/lips.js";
import { life } from "../lab/support/life.js";
import { ruleIsMissed } from "../lab/support/missed.js";

life({
  name: "fullnat",
  vip: "172.16.30.100",
  async proof(scene) {
    await lipsAreSeen(scene);
    for (const server of scene.realServers)
      // Nothing of ours is on it beside its own web server.
      assert.equal((await server.run("ls /etc/sysctl.d/90-pulumi-lvs.conf")).code, 2);
  },
  more(scene) {
    test("fullnat: status names the rule that is gone by which real servers see an address of the pool", () =>
      ruleIsMissed(scene, scene.director, "nat", "POSTROUTING", "SNAT"));
  },
});
