import assert from "node:assert/strict";
import test from "node:test";
import { life } from "../lab/support/life.js";
import { isMissed } from "../lab/support/missed.js";

life({
  name: "nat",
  vip: "172.30.2.151",
  async proof(scene) {
    await scene.repliesPassDirector(8);
    // VIP and DIP are on one director, together.
    const held = await Promise.all(
      scene.directors.map(async (director) => [
        await director.holds("172.30.2.151/24", "ens256"),
        await director.holds("172.16.225.222/24", "ens160"),
      ]),
    );
    assert.deepEqual(held, [
      [true, true],
      [false, false],
    ]);
  },
  more(scene) {
    test("nat: status says of a director whose kernel forwards no packets that it does not", () =>
      isMissed(scene, {
        machine: scene.director,
        taken: "sysctl -w net.ipv4.ip_forward=0",
        putBack: "sysctl -w net.ipv4.ip_forward=1",
        said: "net.ipv4.ip_forward is 0, not 1",
      }));
  },
});
