import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { testable } from "../../../infra/linux/keepalived.js";
import { planCluster } from "../../../infra/render/index.js";
import { noKeepalived, noSandbox, Sandbox } from "../render/sandbox.js";
import { variants } from "./variants.js";

const conf = "/etc/keepalived/keepalived.conf";

describe("keepalived -t says nothing about", { skip: noKeepalived ?? false }, () => {
  let box: Sandbox;
  before(async () => {
    box = await Sandbox.open(["ens32", "ens33"]);
  });
  after(() => box.close());

  for (const [title, cluster] of variants().filter(([, { vrrp }]) => vrrp !== undefined)) {
    for (const [name, { files }] of Object.entries(planCluster(cluster).directors)) {
      test(`${name} of "${title}"`, () => {
        const content = files[conf]!.content.replaceAll("${secret:auth_pass}", () => cluster.vrrp?.authPass ?? "");
        box.write("/run/k.conf", testable(content), "0600");
        assert.equal(box.run("keepalived -t -f /run/k.conf"), "");
      });
    }
  }

  test("but does about a word that it does not know, so that its silence means something", () => {
    box.write("/run/k.conf", "global_defs {\n    router_idd x\n}\n", "0600");
    assert.match(box.run("keepalived -t -f /run/k.conf || true"), /Unknown keyword/);
  });
});

const noVerify =
  noSandbox ??
  (spawnSync("systemd-analyze", ["--version"]).status === 0 ? undefined : "systemd-analyze is not installed");

describe("systemd-analyze verify says nothing about", { skip: noVerify ?? false }, () => {
  let box: Sandbox;
  before(async () => {
    box = await Sandbox.open([]);
    // What a host brings itself.
    for (const name of ["keepalived", "nginx", "iptables", "ip6tables", "nftables"])
      box.write(`/etc/systemd/system/${name}.service`, "[Service]\nExecStart=/bin/true\n");
  });
  after(() => box.close());

  for (const [title, cluster] of variants().filter(([title]) =>
    /case 1|further|gue|no keepalived|fullnat|filter/.test(title),
  )) {
    const { hosts, directors } = planCluster(cluster);
    for (const [name, host] of Object.entries(hosts)) {
      const files = { ...host.files, ...directors[name]?.files };
      const units = Object.keys(files)
        .filter((path) => path.startsWith("/etc/systemd/system/"))
        .map((path) => path.replace(/\.d\/.*$/, ""));
      // Real servers behind fullnat have nothing of ours.
      if (units.length === 0) continue;
      test(`the units of ${name} of "${title}"`, () => {
        for (const [path, { content, mode }] of Object.entries(files)) box.write(path, content, mode);
        assert.equal(box.run(`systemd-analyze verify ${units.join(" ")}`), "");
      });
    }
  }

  test("but does about a word that it does not know", () => {
    box.write("/etc/systemd/system/x.service", "[Service]\nExecStart=/bin/true\nRestrat=always\n");
    assert.match(box.run("systemd-analyze verify /etc/systemd/system/x.service"), /Restrat/);
  });
});

describe("the commands of the boot units", { skip: noSandbox ?? false }, () => {
  test("bring addresses and routes up and take them away again", async () => {
    const box = await Sandbox.open(["ens32"]);
    try {
      box.run("ip address add 192.168.184.12/24 dev ens32");
      const state = () =>
        box.run("ip -o address show; ip route show table main").replace(/(valid|preferred)_lft \S+/g, "");
      const untouched = state();
      const { files } = planCluster(variants().find(([title]) => title.startsWith("further"))![1]).hosts["rs1"]!;
      const commands = (word: string) =>
        ["lvs-addresses", "lvs-routes"].flatMap((unit) =>
          [...files[`/etc/systemd/system/${unit}.service`]!.content.matchAll(new RegExp(`^${word}=-?(.*)$`, "gm"))].map(
            ([, command]) => command!,
          ),
        );
      for (const command of [...commands("ExecStart"), ...commands("ExecStart")]) box.run(command);
      assert.match(box.run("ip -o address show dev lo"), / 192\.168\.184\.100\/32 scope global lo:3/);
      assert.match(box.run("ip -o address show dev ens32"), / 10\.9\.0\.2\/24 scope global ens32:9/);
      assert.match(box.run("ip route show"), /10\.0\.0\.0\/24 via 192\.168\.184\.1 dev ens32 metric 50/);
      for (const command of commands("ExecStop").toReversed()) box.run(command);
      assert.equal(state(), untouched);
    } finally {
      box.close();
    }
  });
});
