import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ClusterPlan } from "../../../infra/plan/types.js";
import { planCluster } from "../../../infra/render/index.js";
import { caseOne, changed, checked, type Change } from "../spec/case-1.js";
import { keptTree, treeOf } from "./golden.js";
import { variant, variants } from "./variants.js";

const conf = "/etc/keepalived/keepalived.conf";
const planOf = (change: Change = {}): ClusterPlan => planCluster(checked(changed(caseOne().cluster, change)));

/** Lines that differ between two texts of the same number of lines. */
function changedLines(before: string, after: string): [string, string][] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  assert.equal(now.length, old.length, "a line was added or lost");
  return old.flatMap((line, index): [string, string][] =>
    line === now[index] ? [] : [[line.trim(), now[index]!.trim()]],
  );
}

const golden: [string, RegExp][] = [
  ["case 1", /./],
  ["nat on two wires, with ports of their own", /keepalived\.conf|sysctl|^rs1|verification/],
  ["tun over gue", /^rs1/],
  ["fullnat", /^director-a/],
  ["no keepalived", /./],
  ["a firewall mark", /^director-a/],
  ["all of VRRP", /keepalived\.conf/],
  ["two instances, each director master of one", /keepalived\.conf|verification/],
  ["IPv6 beside IPv4", /keepalived\.conf|^rs1|verification/],
  [
    "hosts that filter by iptables",
    /^director-a\.json|^director-a\/.*(rules|iptables|plugins)|^director-b\.json|^rs2\.json/,
  ],
  ["hosts that filter by nftables, over a tunnel", /^director-a\.json|^rs1\.json|^director-a\/.*rules/],
  ["fullnat by nftables", /^director-a\.json|^director-a\/etc\/pulumi-lvs\/nft-rules|^rs1\.json/],
  ["hosts that filter by firewalld", /^(director-a|rs1|router)\.json|^director-a\/.*policies/],
  ["metrics of directors", /^director-a\.json|node-exporter/],
  ["every check", /director-a.*keepalived\.conf/],
  ["further things on hosts", /^rs1/],
];
for (const [name, part] of golden) {
  test(`the files and settings of "${name}" are those in test/cases/plan`, () => {
    const all = Object.entries(treeOf(planCluster(variant(name))));
    const tree = Object.fromEntries(all.filter(([path]) => part.test(path)));
    const kept = keptTree(name.replaceAll(/[ ,]+/g, "-"), tree);
    assert.deepEqual(Object.keys(tree).sort(), Object.keys(kept).sort());
    for (const [path, content] of Object.entries(tree)) assert.equal(content, kept[path], path);
  });
}

describe("what the user wants on a host besides", () => {
  const plan = planCluster(variant("further things on hosts")).hosts["director-a"]!;

  test("stands beside what the role wants", () => {
    assert.deepEqual(Object.keys(plan.packages), ["ipvsadm", "keepalived", "tcpdump"]);
    assert.deepEqual(plan.files["/etc/motd"], { content: "director\n", mode: "0640", owner: "root", group: "adm" });
  });
  test("wins over a setting that the role only prefers", () => {
    assert.equal(plan.sysctls["net.ipv4.vs.expire_nodest_conn"], "0");
    assert.match(plan.files["/etc/sysctl.d/90-pulumi-lvs.conf"]!.content, /^net\.ipv4\.vs\.expire_nodest_conn = 0$/m);
  });
});

describe("a small change", () => {
  test("of a weight changes one line of keepalived.conf on each director, and no host", () => {
    const [before, after] = [planOf(), planOf({ set: { "/realServers/1/weight": 5 } })];
    for (const name of ["director-a", "director-b"]) {
      const lines = changedLines(
        before.directors[name]!.files[conf]!.content,
        after.directors[name]!.files[conf]!.content,
      );
      assert.deepEqual(lines, [["weight 1", "weight 5"]]);
    }
    assert.deepEqual(after.hosts, before.hosts);
  });

  test("of the password changes no file", () => {
    const [before, after] = [planOf(), planOf({ set: { "/vrrp/authPass": "other" } })];
    assert.deepEqual(after.directors["director-a"]!.files, before.directors["director-a"]!.files);
  });

  test("of the order of lists changes nothing", () => {
    for (const [title, cluster] of variants()) {
      const turned = {
        ...cluster,
        vips: cluster.vips.toReversed(),
        directors: cluster.directors.toReversed(),
        realServers: cluster.realServers.toReversed(),
        services: cluster.services.toReversed(),
      };
      assert.equal(JSON.stringify(planCluster(turned)), JSON.stringify(planCluster(cluster)), title);
    }
  });
});

describe("the password", () => {
  test("stands in no file of any host", () => {
    const plan = planOf({ set: { "/vrrp/authPass": "s3cr3t-x" } });
    assert.doesNotMatch(JSON.stringify([plan.hosts, plan.verification]), /s3cr3t-x/);
    for (const { files } of Object.values(plan.directors)) {
      assert.doesNotMatch(JSON.stringify(files), /s3cr3t-x/);
      assert.match(files[conf]!.content, /auth_pass \$\{secret:auth_pass\}\n/);
      assert.equal(files[conf]!.mode, "0640");
    }
  });

  test("left out leaves no authentication", () => {
    const plan = planCluster(variant("no password, no label"));
    assert.doesNotMatch(plan.directors["director-a"]!.files[conf]!.content, /auth/);
  });
});

describe("VRRP states", () => {
  const states = (change: Change) =>
    ["director-a", "director-b"].map(
      (name) => /state (\w+)/.exec(planOf(change).directors[name]!.files[conf]!.content)?.[1],
    );

  test("left out, the director of the highest priority is MASTER", () => {
    assert.deepEqual(states({ unset: ["/directors/0/state", "/directors/1/state"] }), ["MASTER", "BACKUP"]);
  });
  test("with nopreempt all begin as BACKUP", () => {
    assert.deepEqual(states({ set: { "/vrrp/nopreempt": true }, unset: ["/directors/0/state"] }), ["BACKUP", "BACKUP"]);
  });
});

describe("a real server", () => {
  test("gets a VIP without label where the director's has none", () => {
    assert.deepEqual(planCluster(variant("no password, no label")).hosts["rs1"]!.addresses, {
      "lo 192.168.184.100/32": {},
    });
  });
  test("with a dotted interface gets sysctls that sysctl.d can read", () => {
    const vlan = { "/realServers/0/interface": "ens32.7" };
    assert.equal(planOf({ set: vlan }).hosts["rs1"]!.sysctls["net.ipv4.conf.ens32/7.arp_ignore"], "1");
  });
  test("of weight 0 stands in the table, but no answer is expected of it", () => {
    const plan = planCluster(variant("a service with a drained real server"));
    assert.deepEqual(plan.verification.table["tcp 192.168.184.100:25"]!.realServers, {
      "192.168.184.12:25": { forwarding: "dr", weight: 1 },
      "192.168.184.13:25": { forwarding: "dr", weight: 0 },
    });
    assert.deepEqual(plan.verification.requests[0], {
      url: "tcp://192.168.184.100:25",
      service: "tcp 192.168.184.100:25",
      realServers: ["rs1"],
    });
  });
});

describe("time limits", () => {
  test("a failover takes at most 3 intervals, the backup's skew and a second", () => {
    assert.equal(planOf().verification.failoverBoundSeconds, 3 + (256 - 50) / 256 + 1);
    const slow = planOf({ set: { "/vrrp/advertInterval": 4 } });
    assert.equal(slow.verification.failoverBoundSeconds, 12 + (4 * (256 - 50)) / 256 + 1);
  });
  test("a single director has no failover", () => {
    assert.equal(planCluster(variant("a single director")).verification.failoverBoundSeconds, undefined);
  });
  test("settling covers both elections and the slowest check", () => {
    // Start 5, backup 3 + 206/256, master 3 + 156/256, check 3 + 4·3 + 3·3 + 3.
    assert.equal(planOf().verification.settleSeconds, Math.ceil(5 + 3 + 206 / 256 + 3 + 156 / 256 + 27));
    const slower = planOf({
      set: { "/services/0/check/delayLoop": 13, "/vrrp/preemptDelay": 10, "/directors/0/state": "BACKUP" },
    });
    assert.equal(slower.verification.settleSeconds, planOf().verification.settleSeconds + 20 + 10);
  });
});
