import assert from "node:assert/strict";
import { life } from "../lab/support/life.js";

const VIP = "192.168.184.100";

life({
  name: "fwmark",
  vip: VIP,
  // A client keeps its real server: that both answer is seen with two clients.
  clients: ["192.168.184.50", "192.168.184.51"],
  async proof(scene) {
    const ask = (from: string, port: number) =>
      scene.client.succeed(`curl -sS --max-time 5 --interface ${from} http://${VIP}:${port}/`);
    const seen = [];
    for (const from of ["192.168.184.50", "192.168.184.51"]) {
      const [on80, on443] = [await ask(from, 80), await ask(from, 443)];
      assert.equal(on443, on80, `${from} has one real server for both ports`);
      seen.push(on80.trim());
    }
    assert.deepEqual(seen.sort(), ["rs1", "rs2"], "two clients, two real servers");
    assert.match(await scene.director.succeed("ipvsadm -Sn"), /^-A -f 1 -s rr -p 60 *$/m);
  },
});
