import assert from "node:assert/strict";
import { life, type Scene } from "../lab/support/life.js";

const [FIRST, SECOND] = ["192.168.184.50", "192.168.184.51"];
const vip = (last: number) => `192.168.184.${last}`;

async function ask(scene: Scene, from: string, to: number, port = 80): Promise<string> {
  const url = `http://${vip(to)}:${port}/`;
  return (await scene.client.succeed(`curl -sS --max-time 5 --interface ${from} ${url}`)).trim();
}

life({
  name: "persistence",
  vip: vip(101),
  clients: [FIRST, SECOND],
  async proof(scene) {
    // Per port: always the same one on a port; another client gets the other one.
    const first = await ask(scene, FIRST, 101);
    for (let i = 0; i < 4; i++) assert.equal(await ask(scene, FIRST, 101), first);
    assert.notEqual(await ask(scene, SECOND, 101), first);
    // A port of its own has a choice of its own: after an odd number of choices there, it is the other one.
    const other = await ask(scene, SECOND, 101, 8080);
    assert.equal(await ask(scene, SECOND, 101, 8080), other);
    const templates = await scene.director.succeed("ipvsadm -Ln --persistent-conn; ipvsadm -Lnc");
    assert.match(templates, /192\.168\.184\.50:0 +192\.168\.184\.101:80 /, "a template for the port");
    // Per mark: one for both of its ports.
    for (const from of [FIRST, SECOND])
      assert.equal(await ask(scene, from, 102, 8080), await ask(scene, from, 102, 80));
    assert.notEqual(await ask(scene, FIRST, 102), await ask(scene, SECOND, 102));
    // Per client: one for every port.
    for (const from of [FIRST, SECOND])
      assert.equal(await ask(scene, from, 103, 8080), await ask(scene, from, 103, 80));
    assert.notEqual(await ask(scene, FIRST, 103), await ask(scene, SECOND, 103));
    // Per network: both clients have one.
    assert.equal(await ask(scene, FIRST, 104), await ask(scene, SECOND, 104));
    assert.match(
      await scene.director.succeed("ipvsadm -Sn"),
      /-t 192\.168\.184\.104:80 -s rr -p 120 -M 255\.255\.255\.0/,
    );
  },
});
