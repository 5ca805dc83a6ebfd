import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../lab/support/command.js";
import { life } from "../lab/support/life.js";
import { Load } from "../lab/support/traffic.js";

const CLIENT = "192.168.184.50";
const RATE = 20;
/**
 * Seconds in which a killed proxy may still be given requests: systemd starts it anew after 3 (RestartSec), or the check of
 * the layer before has found it (delay_loop 2, one retry after 1); and 1 for slow kernels.
 */
const GONE = 3 + 1;

life({
  name: "layers",
  vip: "192.168.184.100",
  async proof(scene) {
    const proxies = scene.routers;
    const log = "/var/log/nginx/access.log";
    for (const proxy of proxies) await proxy.succeed(`: >${log}`);
    const pages = await scene.tally(12, `http://${scene.vip}:8080/`);
    assert.deepEqual(Object.keys(pages).sort(), [`rs1 ${CLIENT}`, `rs2 ${CLIENT}`], "services know the client");
    for (const proxy of proxies) {
      const lines = await waitUntil(
        `${proxy.name} has passed requests on`,
        async () => (await proxy.succeed(`grep ' 8080 ' ${log} || true`)).trim() || false,
        10,
      );
      assert.ok(lines.includes(` ${CLIENT} `), `${proxy.name}: ${lines}`);
      assert.ok(await proxy.holds(`${scene.vip}/32`, "lo"), "LVS sends to it by direct routing");
    }
    assert.equal(await scene.backThroughDirector(8), 0, "replies do not pass the first layer");
    for (const server of scene.realServers) assert.ok(!(await server.succeed("ip -o address")).includes(scene.vip));
  },
  more(scene) {
    test("drift finds nothing to say", async () => {
      const { code, stdout } = await scene.stack.drift(scene.whole);
      assert.equal(code, 0, stdout);
    });
    test("a proxy that is killed is out of the layer before until it is back", async (t) => {
      const [proxy] = scene.routers;
      const load = await Load.start(scene.client, scene.vip, { rate: RATE, limit: 3 });
      await proxy!.succeed("systemctl kill --signal=KILL nginx");
      await load.answered(200, 60);
      const { requests, failed, longestGap } = await load.stop();
      t.diagnostic(
        `figure: layers, one of two proxies killed: ${failed} of ${requests} requests failed, longest gap ${longestGap.toFixed(2)} s`,
      );
      await scene.serves();
      // Every other request is for the other proxy.
      const most = (RATE * GONE) / 2;
      assert.ok(failed <= most, `${failed} of ${requests} failed, at most ${most} may`);
    });
    test("a service that breaks is not noticed by clients", async (t) => {
      const [rs1] = scene.realServers;
      const load = await Load.start(scene.client, scene.vip, { rate: 20, limit: 5 });
      await rs1!.succeed("systemctl stop nginx");
      await load.answered(100, 60);
      await rs1!.succeed("systemctl start nginx");
      await load.answered(100, 60);
      const { requests, failed, reasons } = await load.stop();
      t.diagnostic(`figure: layers, a service stopped and started: ${failed} of ${requests} requests failed`);
      assert.equal(failed, 0, JSON.stringify(reasons));
      await scene.serves();
    });
  },
});
