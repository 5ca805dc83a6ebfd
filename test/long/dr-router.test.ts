import assert from "node:assert/strict";
import { life } from "../lab/support/life.js";

life({
  name: "dr-router",
  vip: "192.168.95.20",
  async proof(scene) {
    assert.equal(await scene.backThroughDirector(8), 0, "replies do not pass the director");
    const [router] = scene.routers;
    const sent = async () => Number(await router!.succeed("cat /sys/class/net/ens33/statistics/tx_packets"));
    const before = await sent();
    await scene.pages(8);
    assert.ok((await sent()) >= before + 8 * 4, "replies leave through the router");
  },
});
