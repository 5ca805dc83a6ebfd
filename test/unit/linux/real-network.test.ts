import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Host, Step } from "../../../infra/host/types.js";
import { address } from "../../../infra/linux/address.js";
import { held } from "../../../infra/linux/held.js";
import { route } from "../../../infra/linux/route.js";
import { sysctl } from "../../../infra/linux/sysctl.js";
import { isolated, readOne, run, skip } from "./namespace.js";

describe("in a network namespace of its own", { skip }, () => {
  let host: Host;
  let end: () => Promise<void>;
  before(async () => ({ host, end } = await isolated()));
  after(() => end());

  const addresses = () => run(host, ["ip", "-o", "address", "show", "scope", "global"]);
  const routes = () => run(host, ["ip", "route", "show", "table", "main"]);

  test("a VIP on lo is added with its label, read back, renamed and removed without a trace", async () => {
    const key = "lo 192.0.2.1/32";
    const [had, found] = [await addresses(), await readOne(host, address, key)];
    assert.deepEqual(found, { state: "absent" });
    for (const label of ["lo:3", "lo:4", undefined]) {
      const want = label === undefined ? {} : { label };
      await host.run(address.change(key, await readOne(host, address, key), want));
      assert.deepEqual(await readOne(host, address, key), { state: "present", value: want });
      assert.deepEqual(address.change(key, await readOne(host, address, key), want), []);
    }
    await host.run(address.restore(key, await readOne(host, address, key), found));
    assert.equal(await addresses(), had);
  });

  test("removing a primary address keeps the others of its subnet, and the setting that would drop them", async () => {
    const setting = "net.ipv4.conf.veth0.promote_secondaries";
    await host.run([
      { argv: ["sysctl", "-q", `${setting}=0`] },
      { argv: ["ip", "address", "add", "10.1.0.1/24", "dev", "veth0"] },
    ]);
    await host.run(address.change("veth0 10.1.0.2/24", { state: "absent" }, {}));
    const primary = "veth0 10.1.0.1/24";
    await host.run(address.change(primary, await readOne(host, address, primary), undefined));
    assert.deepEqual(await readOne(host, address, primary), { state: "absent" });
    assert.deepEqual(await readOne(host, address, "veth0 10.1.0.2/24"), { state: "present", value: {} });
    assert.deepEqual(await readOne(host, sysctl, setting), { state: "present", value: "0" });
    await host.run(address.change("veth0 10.1.0.2/24", { state: "present", value: {} }, undefined));
  });

  test("removing an address that went away meanwhile is no failure, on a device that is not there neither", async () => {
    await host.run(address.change("veth0 10.9.9.9/32", { state: "present", value: {} }, undefined));
    assert.equal((await readOne(host, address, "none0 10.9.9.9/32")).state, "unreadable");
  });

  test("every address has its age, one that came later a smaller one; without perl none has", async () => {
    const ask = async (host: Host) => {
      const { steps, parse } = held();
      return parse(await host.run(steps));
    };
    await run(host, ["sleep", "1.2"]);
    await host.run(address.change("veth0 192.0.2.7/32", { state: "absent" }, {}));
    await host.run(address.change("lo 2001:db8::7/128", { state: "absent" }, {}));
    const all = await ask(host);
    const ageOf = (dev: string, wanted: string) => {
      const found = all.find((each) => each.dev === dev && each.address === wanted);
      assert.ok(found?.age, `${dev} ${wanted} in ${JSON.stringify(all)}`);
      const { seconds, since } = found.age;
      const off = Date.now() / 1000 - seconds - since;
      assert.ok(off >= -0.1 && off < 30, `since ${since}, for ${seconds} s, is ${off} s from now`);
      return seconds;
    };
    const [old, young, six] = [
      ageOf("veth0", "10.0.0.5/24"),
      ageOf("veth0", "192.0.2.7/32"),
      ageOf("lo", "2001:db8::7/128"),
    ];
    assert.ok(old >= young + 1.1 && old < young + 60, `${old} s and ${young} s`);
    assert.ok(young >= 0 && young < 30 && Math.abs(young - six) < 10, `${young} s and ${six} s`);

    const { steps, parse } = held();
    const [shown, aged] = steps as [Step, Step];
    const withoutPerl = { ...aged, argv: ["env", "PATH=/nonexistent", "/bin/sh", ...aged.argv.slice(1)] };
    const answers = await host.run([shown, withoutPerl]);
    assert.equal(answers[1]!.code, 69);
    assert.deepEqual(
      parse(answers).filter(({ address: each }) => each === "10.0.0.5/24"),
      [{ dev: "veth0", address: "10.0.0.5/24" }],
    );
    for (const key of ["veth0 192.0.2.7/32", "lo 2001:db8::7/128"])
      await host.run(address.change(key, { state: "present", value: {} }, undefined));
  });

  test("a sysctl is set, read back and restored; zero is a value, a write-only one cannot be read", async () => {
    const key = "net.ipv4.conf.lo.arp_ignore";
    const found = await readOne(host, sysctl, key);
    assert.deepEqual(found, { state: "present", value: "0" });
    await host.run(sysctl.change(key, found, "128"));
    assert.deepEqual(await readOne(host, sysctl, key), { state: "present", value: "128" });
    await host.run(sysctl.restore(key, await readOne(host, sysctl, key), found));
    assert.deepEqual(await readOne(host, sysctl, key), found);
    assert.equal((await readOne(host, sysctl, "net.ipv4.route.flush")).state, "unreadable");
    assert.deepEqual(await readOne(host, sysctl, "net.ipv4.vs.no_such_key"), { state: "absent" });
  });

  test("a value that the kernel refuses is an error that names the key", async () => {
    await assert.rejects(
      host.run(sysctl.change("net.ipv4.ip_forward", { state: "present", value: "0" }, "many")),
      /ip_forward/,
    );
    await assert.rejects(host.run(sysctl.change("net.ipv4.vs.no_such_key", { state: "absent" }, "1")), /no_such_key/);
  });

  test("routes that were there come back word for word, also several to one destination", async () => {
    await host.run([
      {
        argv: [
          "ip",
          "route",
          "add",
          "default",
          "via",
          "10.0.0.1",
          "dev",
          "veth0",
          "proto",
          "static",
          "metric",
          "100",
          "mtu",
          "1400",
        ],
      },
      { argv: ["ip", "route", "add", "default", "via", "10.0.0.2", "dev", "veth0", "metric", "200"] },
    ]);
    const had = await routes();
    const [key, want] = ["default", { via: "10.0.0.9", dev: "veth0" }] as const;
    const found = await readOne(host, route, key);
    await host.run(route.change(key, found, want));
    const is = await readOne(host, route, key);
    assert.equal(route.equal(is, want), true);
    assert.deepEqual(route.change(key, is, want), []);
    await host.run(route.restore(key, is, found));
    assert.equal(await routes(), had);
  });

  test("a route that was not there goes again, in IPv6, too", async () => {
    for (const [key, dev] of [
      ["192.0.2.7/32", "veth0"],
      ["2001:db8:7::/64", "veth0"],
    ] as const) {
      const found = await readOne(host, route, key);
      assert.deepEqual(found, { state: "absent" });
      await host.run(route.change(key, found, { dev }));
      assert.equal(route.equal(await readOne(host, route, key), { dev }), true);
      await host.run(route.restore(key, await readOne(host, route, key), found));
      assert.deepEqual(await readOne(host, route, key), found);
    }
  });
});
