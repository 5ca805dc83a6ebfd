import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { planCluster } from "../../../infra/render/index.js";
import { networkBackends } from "../../../infra/spec/index.js";
import { caseOne, changed, checked } from "../spec/case-1.js";
import { keptTree, treeOf } from "./golden.js";
import { networkChanges, networkPlan } from "./network-variants.js";
import { variants } from "./variants.js";

const others = networkBackends.filter((name) => name !== "systemd-unit");

test("the backend systemd-unit gives the very plan of a stack file that names none", () => {
  for (const title of Object.keys(networkChanges))
    assert.equal(JSON.stringify(networkPlan(title, "systemd-unit")), JSON.stringify(networkPlan(title)), title);
});

for (const backend of others) {
  describe(`the backend ${backend}`, () => {
    for (const [title, { host }] of Object.entries(networkChanges))
      test(`keeps what a ${title} has, in the files of test/cases/plan`, () => {
        const name = `network-${backend}/${title}`.replaceAll(/[ ,]+/g, "-");
        const all = Object.entries(treeOf(networkPlan(title, backend)));
        const tree = Object.fromEntries(
          all.filter(([path]) => path.startsWith(`${host}/`) && !/sysctl|modules-load|sbin|vip|keepalived/.test(path)),
        );
        assert.deepEqual(tree, keptTree(name, tree));
      });

    test("changes nothing but files and units, on no variant of a stack", () => {
      for (const [title, cluster] of variants()) {
        if (cluster.realServers.some(({ routes }) => routes.some((route) => route.interface === undefined))) continue;
        const [before, after] = [planCluster(cluster), planCluster({ ...cluster, networkBackend: backend })];
        for (const [name, host] of Object.entries(after.hosts)) {
          const { files, units, network, ...rest } = host;
          assert.equal(network?.backend ?? backend, backend);
          const { files: oldFiles, units: oldUnits, ...oldRest } = before.hosts[name]!;
          assert.deepEqual(rest, oldRest, `${title}: ${name}`);
          assert.ok(
            Object.keys(units).every((unit) => unit in oldUnits),
            `${title}: ${name} has no further unit`,
          );
          const gone = Object.keys(oldFiles).filter((path) => !(path in files));
          assert.ok(
            gone.every((path) => /lvs-(addresses|routes)\.service$/.test(path)),
            `${title}: ${gone.join(" ")}`,
          );
        }
        assert.deepEqual(after.directors, before.directors, title);
      }
    });

    test("never persists an address that keepalived owns", () => {
      const { files } = networkPlan("director with keepalived", backend).hosts["director-a"]!;
      const own = Object.entries(files).filter(([path]) => !/vip|keepalived/.test(path));
      assert.doesNotMatch(JSON.stringify(own), /192\.168\.184\.100/);
    });
  });
}

test("a host has a backend of its own beside the cluster's", () => {
  const set = { "/networkBackend": "networkd", "/realServers/1/networkBackend": "ifupdown" };
  const { hosts } = planCluster(checked(changed(caseOne().cluster, { set })));
  assert.ok("/etc/systemd/network/ens32.network.d/pulumi-lvs.conf" in hosts["director-a"]!.files);
  assert.ok("/etc/network/interfaces.d/pulumi-lvs" in hosts["rs2"]!.files);
});

test("the drop-in stands beside the host's own file under the name that the host has for the interface", () => {
  const set = { "/networkBackend": "networkd", "/directors/0/networkNames": { ens32: "20-wired" } };
  const { hosts } = planCluster(checked(changed(caseOne().cluster, { set })));
  assert.ok("/etc/systemd/network/20-wired.network.d/pulumi-lvs.conf" in hosts["director-a"]!.files);
  const bond = { "/networkBackend": "netplan", "/directors/0/networkNames": { ens32: "bonds/uplink" } };
  const { files } = planCluster(checked(changed(caseOne().cluster, { set: bond }))).hosts["director-a"]!;
  assert.ok("/etc/systemd/network/10-netplan-uplink.network.d/pulumi-lvs.conf" in files);
});
