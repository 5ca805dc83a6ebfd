import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Deployment } from "../../../infra/status/export.js";
import { clustersOf, type KnownCluster } from "../../../infra/status/state.js";

type Resources = NonNullable<NonNullable<Deployment["deployment"]>["resources"]>;

/** The export of a pair's state as the CLI printed it on a lab, with other keys. */
const text = readFileSync(join(__dirname, "../../cases/status/export.json"), "utf8");

/** The one cluster of the export after a change to its resources. */
function cluster(change: (resources: Resources) => Resources | void = () => undefined): KnownCluster {
  const state = JSON.parse(text) as Deployment;
  const resources = state.deployment!.resources!;
  const [found, ...others] = clustersOf("web", { deployment: { resources: change(resources) ?? resources } });
  assert.deepEqual(others, []);
  return found!;
}

const named = (resources: Resources, name: string) => resources.find(({ urn }) => urn.endsWith(`::${name}`))!;

describe("what a stack's state says of its cluster", () => {
  test("is each host with its role and the way to it, secrets in the clear", () => {
    const { name, hosts } = cluster();
    assert.equal(name, "lvs");
    assert.deepEqual(
      hosts.map(({ name: host, role }) => [host, role]),
      [
        ["director-a", "director"],
        ["director-b", "director"],
        ["rs1", "real server"],
        ["rs2", "real server"],
      ],
    );
    for (const { connection } of hosts) {
      assert.match(connection.host, /^198\.1[89]\./);
      assert.equal(connection.privateKey, "a private key");
    }
  });

  test("is what directors serve and what real servers need", () => {
    const { directors, live, names } = cluster();
    assert.deepEqual(
      directors.map(({ name, daemon, vips, table }) => [name, daemon, vips, Object.keys(table)]).sort(),
      ["director-a", "director-b"].map((name) => [
        name,
        "keepalived",
        ["ens32 192.168.184.100/24"],
        ["tcp 192.168.184.100:80"],
      ]),
    );
    assert.match(directors[0]!.configuration, /vrrp_instance VI_1/);
    assert.deepEqual(live["rs1"]!.addresses, ["lo 192.168.184.100/32"]);
    assert.equal(live["rs1"]!.sysctls["net.ipv4.conf.all.arp_ignore"], "1");
    assert.deepEqual(names, { "192.168.184.12": "rs1", "192.168.184.13": "rs2" });
  });

  test("is the last proof, which is current until a host has another revision", () => {
    const { verification } = cluster();
    assert.equal(verification!.current, true);
    assert.ok(Date.parse(verification!.evidence.at!) > 0);
    const stale = cluster((resources) => {
      named(resources, "lvs-director-b-serving").outputs!["revision"] = 2;
    });
    assert.equal(stale.verification!.current, false);
  });

  test("is what was set up, also when a refresh has put what it found in its place", () => {
    const drifted = cluster((resources) => {
      named(resources, "lvs-director-a-serving").inputs!["table"] = {};
      named(resources, "lvs-rs1").inputs!["sysctls"] = {};
    });
    assert.deepEqual(drifted.directors, cluster().directors);
    assert.deepEqual(drifted.live, cluster().live);
  });

  test("is what forwarding needs of a director, as it was set up before a refresh found it otherwise", () => {
    const SNAT = "iptables nat POSTROUTING -m ipvs --vaddr 192.168.184.100/32 -j SNAT --to-source 192.168.184.200";
    const content = "# of lvs\n\n# Replies pass this host.\nnet.ipv4.ip_forward = 1\n";
    const file = { content, mode: "0644", owner: "root", group: "root" };
    const director = (change: (inputs: any, outputs: any) => void) =>
      cluster((resources) => {
        const { inputs, outputs } = named(resources, "lvs-director-a");
        Object.assign(inputs!, { files: { "/etc/sysctl.d/90-pulumi-lvs.conf": file } });
        change(inputs, outputs);
      }).live["director-a"]!;
    const want = { sysctls: { "net.ipv4.ip_forward": "1" }, rules: { [SNAT]: "present" } };
    const asSetUp = director((inputs) => Object.assign(inputs, want));
    assert.deepEqual([asSetUp.sysctls, asSetUp.rules], [want.sysctls, want.rules]);
    const refreshed = director((inputs, outputs) => {
      Object.assign(inputs, { sysctls: { "net.ipv4.ip_forward": "0" }, rules: {} });
      outputs.found = { rules: { [SNAT]: { state: "absent" } } };
    });
    assert.deepEqual([refreshed.sysctls, refreshed.rules], [want.sysctls, want.rules]);
    assert.deepEqual(refreshed.addresses, [], "its VIPs are looked at by themselves");
  });

  test("is there without a proof, when the first verification failed", () => {
    const { directors, live, verification, hosts } = cluster((resources) =>
      resources.filter(({ type }) => type !== "lvs:index:Verification"),
    );
    assert.equal(verification, undefined);
    assert.equal(hosts.length, 4);
    assert.deepEqual(directors, cluster().directors);
    assert.ok(live["rs2"]!.addresses.includes("lo 192.168.184.100/32"));
  });

  test("leaves out what waits to be deleted", () => {
    const { hosts } = cluster((resources) => [
      ...resources,
      { ...named(resources, "lvs-rs1"), delete: true, inputs: { host: "old", connection: { host: "192.0.2.1" } } },
    ]);
    assert.equal(hosts.length, 4);
  });

  test("is an error that says what to do where no cluster was set up", () => {
    const { deployment } = JSON.parse(text) as Deployment;
    const resources = deployment!.resources!.filter(({ type }) => !/Director$|Verification$/.test(type));
    assert.throws(() => clustersOf("web", { deployment: { resources } }), /Run npm run -s pulumi -- up -s web\.$/);
    assert.throws(() => clustersOf("web", {}), /must have a cluster that was set up, got none/);
  });
});

/** The clusters of an export of a lab stack, as the CLI printed it, with other keys and without what is not read. */
function exported(name: string, change: (resources: Resources) => void = () => undefined): KnownCluster[] {
  const state = JSON.parse(readFileSync(join(__dirname, `../../cases/status/${name}.json`), "utf8")) as Deployment;
  change(state.deployment!.resources!);
  return clustersOf("web", state);
}

describe("what the state says of a pair of proxies", () => {
  const roles = ({ hosts }: KnownCluster) => hosts.map(({ name, role }) => `${role} ${name}`);

  test("is its hosts, its VIPs and what its proxies serve", () => {
    const [found, ...others] = exported("export-haproxy");
    assert.deepEqual(others, []);
    assert.deepEqual(roles(found!), [
      "director director-a",
      "director director-b",
      "real server rs1",
      "real server rs2",
    ]);
    for (const { daemon, vips, table, configuration, proxy } of found!.directors) {
      assert.deepEqual([daemon, vips, table], ["keepalived", ["ens32 192.168.184.100/24"], {}]);
      assert.match(configuration, /lvs-proxy-alive/);
      assert.equal(proxy!.engine, "haproxy");
      const service = proxy!.services["tcp 192.168.184.100:80"]!;
      assert.deepEqual(service.rules, {
        1: {
          name: "lvs_192_168_184_100_80_rule1",
          realServers: { rs2: { endpoint: "192.168.184.13:8080", weight: 1 } },
        },
      });
      assert.deepEqual(Object.keys(service.pool.realServers), ["rs1", "rs2"]);
    }
    assert.equal(found!.verification!.current, true);
  });

  test("is not proven any more once a proxy has another revision", () => {
    const [found] = exported("export-haproxy", (resources) => {
      named(resources, "lvs-director-b-proxy").outputs!["revision"] = 7;
    });
    assert.equal(found!.verification!.current, false);
  });

  test("is there without a proof, when the first verification failed", () => {
    const [found] = exported("export-haproxy", (resources) => {
      resources.splice(resources.indexOf(named(resources, "lvs-verification")), 1);
    });
    assert.equal(found!.verification, undefined);
    assert.deepEqual(found!.directors, exported("export-haproxy")[0]!.directors);
  });
});

describe("what the state says of layers", () => {
  test("is a cluster for each, the one in front first", () => {
    const [front, proxies, ...others] = exported("export-layers");
    assert.deepEqual([front!.name, proxies!.name, others.length], ["front", "proxies", 0]);
    assert.deepEqual(
      front!.hosts.map(({ name, role }) => `${role} ${name}`),
      ["director lvs-a", "director lvs-b", "real server proxy-1", "real server proxy-2"],
    );
    assert.deepEqual(front!.live["proxy-1"]!.addresses, ["lo 192.168.184.100/32"]);
    assert.equal(front!.directors[0]!.proxy, undefined);
    assert.equal(front!.verification!.current, true);
    assert.deepEqual(
      proxies!.hosts.map(({ name, role }) => `${role} ${name}`),
      ["director proxy-1", "director proxy-2", "real server rs1", "real server rs2"],
    );
    for (const { daemon, vips, proxy } of proxies!.directors) {
      assert.deepEqual([daemon, vips, proxy!.engine], ["none", [], "nginx"]);
      assert.deepEqual(Object.keys(proxy!.services), ["tcp *:80", "tcp *:8080"]);
    }
    assert.equal(proxies!.verification!.current, true);
  });
});
