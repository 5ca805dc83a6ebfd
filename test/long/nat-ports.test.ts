import assert from "node:assert/strict";
import { assertShares, life } from "../lab/support/life.js";

life({
  name: "nat-ports",
  vip: "172.16.29.4",
  async proof(scene) {
    assertShares(await scene.tally(300), { rs1: 1, rs2: 2 });
    await scene.repliesPassDirector(6);
    assert.match(await scene.director.succeed("ipvsadm -Sn"), /-r 192\.168\.95\.3:8080 -m -w 2/);
    const [, rs2] = scene.realServers;
    assert.equal((await rs2!.succeed("ss -Htln '( sport = :8080 )'")).trim().split("\n").length, 1);
  },
});
