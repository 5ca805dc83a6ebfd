import assert from "node:assert/strict";
import { test } from "node:test";
import type { Status } from "../../../infra/status/schema.js";
import { waitUntil, Watch } from "./command.js";
import type { Scene } from "./life.js";
import { StatusWatch } from "./status.js";

/** Status of a pair of proxies says what there is, also while connections are open, and what is wrong. */
export function proxyStatus(scene: Scene, engine: "nginx" | "haproxy"): void {
  const { stack, vip, client } = scene;
  const [directorA] = scene.directors as [Scene["client"]];
  const [, rs2] = scene.realServers as [Scene["client"], Scene["client"]];
  const problems = async () => (JSON.parse((await stack.status("--json")).stdout) as Status).problems.join("\n");
  const healthy = () => waitUntil("status is healthy", async () => (await stack.status("--json")).code === 0, 30);

  test("status counts the connections that are open, as the directors' own tools do", async () => {
    // It ends by itself.
    const open = `bash -c 'for i in 1 2 3 4; do exec {fd}<>/dev/tcp/${vip}/8081; done; sleep 40'`;
    const held = new Watch(await client.argv(open));
    try {
      await waitUntil(
        "status has the four connections",
        async () => {
          const status = JSON.parse((await stack.status("--json")).stdout) as Status;
          const [{ proxy }] = status.clusters[0]!.directors as [Status["clusters"][0]["directors"][0]];
          const service = proxy!.services.find(({ service: key }) => key === `tcp ${vip}:8081`)!;
          const behind = service.pools.flatMap(({ realServers }) => realServers.map(({ active }) => active));
          return service.active === 4 && behind.join() === "2,2";
        },
        30,
      );
      await scene.statusIsTrue();
    } finally {
      await held.stop();
    }
  });

  test("status names a real server that does not answer, and exits 7", async () => {
    await rs2.succeed("systemctl stop nginx");
    const why = engine === "haproxy" ? "its health check fails" : "the director cannot connect to it";
    const said = new RegExp(`director-a: tcp ${vip}:80 -> rs2 \\(192\\.168\\.184\\.13:80\\): ${why}\\.`);
    await waitUntil("it is named", async () => said.test(await problems()), 30);
    const screen = await stack.status();
    assert.equal(screen.code, 7);
    assert.match(screen.stdout, /^ {2}rs2 +192\.168\.184\.13:80 +down +1 /m);
    await rs2.succeed("systemctl start nginx");
    await healthy();
  });

  test("status --watch follows the VIP away from a director whose proxy is stopped, and back", async () => {
    const watch = new StatusWatch(stack);
    try {
      const at = (name: string, limit: number) =>
        waitUntil(`status shows the VIP on ${name}`, async () => watch.holders().join() === name, limit);
      await at("director-a", 20);
      await directorA.succeed(`systemctl stop ${engine}`);
      await at("director-b", 20);
      const gone = new RegExp(`director-a: ${engine} does not run\\.`);
      const seen = await waitUntil(
        "status names the director",
        async () => watch.looks.find((look) => look.problems.some((each) => gone.test(each))),
        10,
      );
      assert.equal(seen.verdict, "unhealthy");
      await directorA.succeed(`systemctl start ${engine}`);
      await at("director-a", 30);
      await waitUntil("status is healthy", async () => watch.looks.at(-1)!.verdict === "healthy", 30);
      assert.equal(await watch.interrupt(), 0);
    } finally {
      await watch.stop();
    }
  });

  if (engine === "haproxy")
    test("status names what was set over haproxy's socket", async () => {
      const pool = `lvs_${vip.replaceAll(".", "_")}_80`;
      const set = (words: string) =>
        directorA.succeed(
          `perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new("/run/haproxy/admin.sock") or die; print $s "set server ${pool}/rs1 ${words}\\n"; print while <$s>'`,
        );
      await set("weight 0");
      await set("state maint");
      assert.match(await problems(), /tcp 192\.168\.184\.100:80 -> rs1 is set to MAINT/);
      assert.match(await problems(), /tcp 192\.168\.184\.100:80 -> rs1 has weight 0, not 1/);
      await set("state ready");
      await set("weight 1");
      await healthy();
    });

  test("drift finds nothing to say", async () => {
    const { code, stdout } = await stack.drift(scene.whole);
    assert.equal(code, 0, stdout);
  });
}
