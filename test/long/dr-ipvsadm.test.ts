import assert from "node:assert/strict";
import { assertShares, life } from "../lab/support/life.js";

life({
  name: "dr-ipvsadm",
  vip: "172.16.29.4",
  async proof(scene) {
    assertShares(await scene.tally(300), { rs1: 1, rs2: 2 });
    assert.equal(await scene.backThroughDirector(6), 0, "replies do not pass the director");
    assert.match(await scene.director.succeed("ip -o address"), /172\.16\.29\.4\/32 scope global ens32:2/);
    assert.notEqual((await scene.director.run("command -v keepalived")).code, 0, "there is no keepalived");
  },
});
