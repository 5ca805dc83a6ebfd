import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, test, type TestContext } from "node:test";
import { planCluster } from "../../../infra/render/index.js";
import { caseOne, checked } from "../spec/case-1.js";
import { noKeepalived, noSandbox, Sandbox, until } from "./sandbox.js";

const plan = planCluster(checked(caseOne().cluster));
const files = plan.hosts["director-a"]!.files;
const guard = files["/usr/local/sbin/lvs-vip-guard"]!.content;
const sweep = files["/usr/local/sbin/lvs-vip-sweep"]!.content;

const vip = "192.168.184.100/24";
const own = "192.168.184.11/24";
const other = "192.168.184.101/24";
const guardStart = "lvs-vip-guard </dev/null >/run/guard.log 2>&1 & echo $! >/run/guard.pid";

describe("the shell scripts", () => {
  for (const [name, content] of Object.entries({ guard, sweep })) {
    test(`the ${name} is a script that sh accepts`, () => {
      const result = spawnSync("sh", ["-n"], { input: content, encoding: "utf8" });
      assert.deepEqual([result.status, result.stderr], [0, ""]);
    });
  }
});

describe("the guard of the VIPs", { skip: noSandbox ?? false }, () => {
  let box: Sandbox;

  beforeEach(async () => {
    box = await Sandbox.open(["ens32", "ens33"]);
    box.write("/etc/pulumi-lvs/vips", files["/etc/pulumi-lvs/vips"]!.content);
    box.write("/usr/local/sbin/lvs-vip-guard", guard, "0755");
    box.write("/usr/local/sbin/lvs-vip-sweep", sweep, "0755");
    // Counts the guard's rounds, so that "nothing happens" can be waited for.
    box.write("/usr/local/sbin/sleep", '#!/bin/sh\necho >>/run/rounds\nexec /bin/sleep "$@"\n', "0755");
    box.run(
      "cp /bin/sleep /run/keepalived-program && mkdir /run/bin && mv /run/keepalived-program /run/bin/keepalived",
    );
    box.run(
      `ip address add ${own} dev ens32 && ip address add ${vip} dev ens32 label ens32:3 && ip address add ${other} dev ens32`,
    );
    box.run(`ip address add ${vip} dev ens33`);
  });
  afterEach(() => box.close());

  const holds = (address: string, dev = "ens32") => box.test(`ip -o address show dev ${dev} | grep -qF ' ${address} '`);
  const startFake = () =>
    box.run("/run/bin/keepalived 1000 </dev/null >/dev/null 2>&1 & echo $! | tee /run/vrrp.pid").trim();
  const rounds = () => Number(box.run("cat /run/rounds 2>/dev/null | wc -l"));
  const watched = async (count = 3) => {
    const before = rounds();
    await until(() => rounds() >= before + count, "rounds of the guard");
  };
  const gone = async (t: TestContext) => {
    const took = await until(() => !holds(vip), "the VIP is removed");
    t.diagnostic(`VIP removed ${Math.round(took)} ms after the kill`);
    assert.ok(took < 1000, `removed after ${took} ms`);
  };

  test("a killed keepalived loses its VIP within a second, and no other address goes", async (t) => {
    const pid = startFake();
    box.run(guardStart);
    await watched();
    assert.ok(holds(vip), "a living keepalived keeps its VIP");
    box.run(`kill -9 ${pid}`);
    await gone(t);
    await watched();
    assert.ok(holds(own) && holds(other) && holds(vip, "ens33"), "other addresses stay");
    assert.match(box.run("cat /run/guard.log"), /^removed VIP 192\.168\.184\.100\/24 from ens32/);
  });

  test("the zombie of a killed keepalived does not count as alive", async (t) => {
    const pid = startFake();
    box.run(guardStart);
    await watched();
    box.run(`kill -9 ${pid}`);
    await gone(t);
    assert.match(box.run(`cat /proc/${pid}/stat`), /\(keepalived\) Z/, "nobody reaped it");
  });

  test("a keepalived that goes on under a new pid keeps its VIP", async () => {
    const old = startFake();
    box.run(guardStart);
    await watched();
    startFake();
    box.run(`kill -9 ${old}`);
    await watched();
    assert.ok(holds(vip));
  });

  test("a pid that another program has taken over does not count as alive", async (t) => {
    const pid = startFake();
    box.run(guardStart);
    await watched();
    box.run("/bin/sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >/run/vrrp.pid");
    assert.ok(holds(vip));
    box.run(`kill -9 ${pid}`);
    await gone(t);
  });

  test("a keepalived whose pid file was deleted keeps its VIP", async () => {
    startFake();
    box.run(guardStart);
    await watched();
    box.run("rm /run/vrrp.pid");
    await watched();
    assert.ok(holds(vip));
  });

  test("a keepalived that was killed before the guard started loses its VIP", async (t) => {
    box.run(`kill -9 ${startFake()}`);
    box.run(guardStart);
    await gone(t);
  });

  test("a VIP set by hand stays where keepalived never ran", async () => {
    box.run(guardStart);
    await watched();
    assert.ok(holds(vip));
  });

  test("a VIP set by hand after the sweep stays", async (t) => {
    const pid = startFake();
    box.run(guardStart);
    await watched();
    box.run(`kill -9 ${pid}`);
    await gone(t);
    box.run(`ip address add ${vip} dev ens32`);
    await watched();
    assert.ok(holds(vip));
  });

  test("stopping the guard changes nothing", async () => {
    startFake();
    box.run(guardStart);
    await watched();
    box.run("kill $(cat /run/guard.pid)");
    await until(() => box.test("grep -q ') Z ' /proc/$(cat /run/guard.pid)/stat"), "the guard ends");
    assert.ok(holds(vip));
  });

  test("the sweep fails openly without its list", () => {
    box.run("rm /etc/pulumi-lvs/vips");
    assert.match(box.run("lvs-vip-sweep", 2), /vips/);
    assert.ok(holds(vip));
  });

  describe("with the real keepalived", { skip: noKeepalived ?? false }, () => {
    const start = "keepalived -P -n -l -f /run/k.conf </dev/null >/run/k.log 2>&1 &";
    const serving = async () => {
      box.run(start);
      await until(() => holds(vip), "keepalived takes the VIP");
    };

    beforeEach(() => {
      const conf = plan.directors["director-a"]!.files["/etc/keepalived/keepalived.conf"]!.content;
      box.write(
        "/run/k.conf",
        conf
          .replace("${secret:auth_pass}", "1111")
          .replace(/^virtual_server[^]*/m, "")
          .replace("advert_int 1", "advert_int 1\ndown_timer_adverts 1"),
        "0600",
      );
      box.run(`ip address del ${vip} dev ens32`);
      box.run(guardStart);
    });

    test("all its processes killed at once: the VIP goes within a second, the guard lives", async (t) => {
      await serving();
      await watched();
      box.run("pkill -9 keepalived");
      await gone(t);
      await watched();
      assert.ok(holds(own));
    });

    test("a reload keeps the VIP", async () => {
      await serving();
      box.run("kill -HUP $(cat /run/keepalived.pid)");
      await until(() => box.test("grep -q 'Reload complete' /run/k.log"), "the reload");
      await watched();
      assert.ok(holds(vip));
      assert.equal(box.run("cat /run/guard.log"), "");
    });

    test("a restart ends with the VIP back, and the guard took no part in it", async () => {
      await serving();
      box.run("kill $(cat /run/keepalived.pid)");
      await until(() => !holds(vip) && !box.test("test -e /run/vrrp.pid"), "the orderly end");
      await serving();
      await watched();
      assert.ok(holds(vip));
      assert.equal(box.run("cat /run/guard.log"), "");
    });

    test("a VRRP process that was killed alone comes back with the VIP", async () => {
      await serving();
      box.run("kill -9 $(cat /run/vrrp.pid)");
      await until(() => !holds(vip), "the VIP is removed");
      await until(() => holds(vip), "keepalived takes the VIP again");
      await watched();
      assert.ok(holds(vip));
    });

    test("a living keepalived without pid files is known by its socket", async () => {
      await serving();
      box.run("rm /run/*.pid");
      box.run("lvs-vip-sweep", 1);
      assert.ok(holds(vip));
    });
  });
});
