import assert from "node:assert/strict";
import { life } from "../lab/support/life.js";

const VIP6 = "2001:db8:184::100";

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
});
