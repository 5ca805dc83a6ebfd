import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startSshd, type Sshd } from "../host/sshd.js";
import { until } from "../host/until.js";
import { failure, Plugin, UNKNOWN, urnOf, type Wire } from "./plugin.js";

const urn = urnOf("lvs:index:HostNetwork", "lvs-rs1-network");

describe("the manager of a host's network", { timeout: 180_000 }, () => {
  let sshd: Sshd;
  let plugin: Plugin;
  const inputs = (more: Wire = {}): Wire => ({
    host: "rs1",
    connection: sshd.connection,
    backend: "detect",
    interfaces: ["eth0"],
    manager: "as set up",
    reachable: true,
    ...more,
  });
  /** Who runs on the host, and the file by which networkd has eth0. */
  const host = (units: string[], file = "n/a") => {
    writeFileSync(join(sshd.dir, "units"), units.map((unit) => `${unit}.service\n`).join(""));
    writeFileSync(join(sshd.dir, "file"), file);
  };

  before(async () => {
    const tool = (name: string, ...lines: string[]) => [
      `printf '%s\\n' '#!/bin/sh' ${lines.map((line) => `"${line}"`).join(" ")} >$dir/${name}`,
      `chmod 755 $dir/${name} && mount --bind $dir/${name} $(command -v ${name})`,
    ];
    sshd = await startSshd({
      prepare: [
        "mkdir -p $dir/net/eth0 $dir/net/lo && touch $dir/net/eth0/uevent && mount --bind $dir/net /sys/class/net",
        "echo 9999.00 1.00 >$dir/uptime && mount --bind $dir/uptime /proc/uptime",
        ...tool("systemctl", `exec grep -qxF \\"\\$3\\" $dir/units`),
        ...tool("networkctl", `[ \\"\\$3\\" = lo ] || echo \\"  Network File: \\$(cat $dir/file)\\"`),
      ],
    });
    plugin = await Plugin.start();
  });
  after(async () => {
    await plugin.end();
    await sshd.stop();
  });

  test("is not known at preview, is asked for at up, and stays what it was while nothing else is found", async () => {
    host(["systemd-networkd"], "/etc/systemd/network/20-wired.network");
    assert.equal((await plugin.create(urn, inputs(), true)).properties["found"], UNKNOWN);
    const { properties } = await plugin.create(urn, inputs());
    const found = { backend: "networkd", names: { eth0: "20-wired" } };
    assert.deepEqual(properties["found"], found);
    const more = inputs({ interfaces: ["eth0", "lo"] });
    assert.deepEqual((await plugin.update(urn, "rs1", properties, inputs(), more, true))["found"], found);
    assert.deepEqual((await plugin.update(urn, "rs1", properties, inputs(), more))["found"], found);
  });

  test("is refused before anything is changed where another one was named", async () => {
    host(["systemd-networkd"], "/etc/systemd/network/20-wired.network");
    const error = await failure(plugin.create(urn, inputs({ backend: "ifupdown" })));
    assert.match(
      error.message,
      /rs1: networkBackend ifupdown: a manager that has set up eth0, got networkd\. Let ifupdown have eth0, or write networkBackend: networkd\./,
    );
  });

  test("is drift when the host has another one by now, and the next up takes that one", async () => {
    host(["systemd-networkd"], "/etc/systemd/network/20-wired.network");
    const { properties } = await plugin.create(urn, inputs());
    host([]);
    const read = await plugin.read(urn, "rs1", inputs(), properties);
    assert.match(String(read.inputs["manager"]), /^networkBackend networkd: a manager that has set up eth0, got none/);
    await until("the drift is told", () =>
      plugin.said.some((line) => /rs1: manager is not as it was set up/.test(line)),
    );
    const { changes } = (await plugin.diff(urn, read.inputs, inputs())).toObject() as unknown as { changes: number };
    assert.equal(changes, 2, "some");
    const preview = await plugin.update(urn, "rs1", read.properties, read.inputs, inputs(), true);
    assert.equal(preview["found"], UNKNOWN);
    const now = await plugin.update(urn, "rs1", read.properties, read.inputs, inputs());
    assert.deepEqual(now["found"], { backend: "systemd-unit" });
  });

  test("is asked for again until it has come to the interfaces of a host that has just booted", async () => {
    host(["systemd-networkd"]);
    writeFileSync(join(sshd.dir, "uptime"), "5.00 5.00\n");
    const done = plugin.create(urn, inputs());
    await until("it waits", () =>
      plugin.said.some((line) => /waiting for a network manager to have set up eth0/.test(line)),
    );
    host(["systemd-networkd"], "/etc/systemd/network/eth0.network");
    assert.deepEqual((await done).properties["found"], { backend: "networkd" });
  });
});
