import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { fromStackFile, LvsCluster, ProxyPair, type ProxyPairArgs } from "../../infra/index.js";
import { certificate } from "../unit/plan/proxy-variants.js";
import type { Failure } from "./fixtures/late-password.js";
import { record, valueOf, type Registered } from "./recorder.js";
import { made, password, stackFile, stackOf } from "./stack.js";

const pem = certificate();

const run = (name: string) => {
  const { cluster, lab, layers } = stackOf(name, pem.privateKey);
  if (cluster) for (const service of cluster.services) if (service.tls) service.tls = pem;
  stackFile({ ...(cluster && { cluster }), lab, ...(layers && { layers }) });
  return record(fromStackFile, { outputs: made });
};

const fileOf = ({ inputs }: Registered, path: string): string =>
  (inputs["files"] as Record<string, { content: string }>)[path]!.content;

describe("a pair of proxies in a stack file", () => {
  let done: Awaited<ReturnType<typeof run>>;
  before(async () => void (done = await run("lab-haproxy")));
  const all = () => done.resources;

  test("has a host, a proxy and its VRRP for each director, the backup first", async () => {
    const own = Object.entries(all())
      .filter(([called]) => !/Lab/.test(called))
      .map(([called, { parent, dependsOn }]) => [called, [parent, ...dependsOn.filter((name) => !/Lab/.test(name))]]);
    const pool = ["Host lvs-rs1", "Host lvs-rs2"];
    assert.deepEqual(Object.fromEntries(own), {
      "ProxyPair lvs": [""],
      "RealServerPool lvs": ["ProxyPair lvs"],
      "Host lvs-rs1": ["RealServerPool lvs"],
      "Host lvs-rs2": ["RealServerPool lvs"],
      "DirectorPair lvs": ["ProxyPair lvs"],
      "Host lvs-director-b": ["DirectorPair lvs"],
      "Proxy lvs-director-b-proxy": ["DirectorPair lvs", "Host lvs-director-b", ...pool],
      "Director lvs-director-b-serving": [
        "DirectorPair lvs",
        "Host lvs-director-b",
        ...pool,
        "Proxy lvs-director-b-proxy",
      ],
      "Host lvs-director-a": ["DirectorPair lvs", "Director lvs-director-b-serving"],
      "Proxy lvs-director-a-proxy": [
        "DirectorPair lvs",
        "Director lvs-director-b-serving",
        "Host lvs-director-a",
        ...pool,
      ],
      "Director lvs-director-a-serving": [
        "DirectorPair lvs",
        "Director lvs-director-b-serving",
        "Host lvs-director-a",
        ...pool,
        "Proxy lvs-director-a-proxy",
      ],
      "Verification lvs-verification": [
        "ProxyPair lvs",
        "Director lvs-director-a-serving",
        "Director lvs-director-b-serving",
        "Host lvs-director-a",
        "Host lvs-director-b",
        ...pool,
        "Proxy lvs-director-a-proxy",
        "Proxy lvs-director-b-proxy",
      ],
    });
  });
  test("puts nothing of ours on real servers, and no VIP on any host", async () => {
    const { inputs } = all()["Host lvs-rs1"]!;
    assert.deepEqual([inputs["addresses"], inputs["sysctls"], inputs["routes"]], [{}, {}, {}]);
    assert.deepEqual(Object.keys(inputs["files"] as object).sort(), [
      "/etc/nginx/conf.d/lab.conf",
      "/var/www/html/index.nginx-debian.html",
    ]);
    const { sysctls, addresses } = all()["Host lvs-director-a"]!.inputs;
    assert.deepEqual(addresses, {});
    assert.deepEqual(sysctls, { "net.ipv4.conf.ens32.promote_secondaries": "1", "net.ipv4.ip_nonlocal_bind": "1" });
  });
  test("lets VRRP go by the proxy, and serves nothing by the kernel's table", async () => {
    const director = all()["Director lvs-director-a-serving"]!;
    assert.deepEqual(director.inputs["table"], {});
    const conf = fileOf(director, "/etc/keepalived/keepalived.conf");
    assert.match(conf, /script "\/usr\/local\/sbin\/lvs-proxy-alive 8064"/);
    assert.match(conf, /track_script \{\n +lvs_proxy\n/);
    assert.doesNotMatch(conf, /virtual_server/);
  });
  test("keeps the private key secret, in no file and in no other resource", async () => {
    const body = pem.privateKey.split("\n")[3]!;
    for (const [called, { inputs, secrets }] of Object.entries(all())) {
      const { secrets: own, ...others } = inputs;
      assert.ok(!JSON.stringify(others).includes(body), called);
      assert.ok(!JSON.stringify(others).includes(password), called);
      if (!called.startsWith("Proxy ")) continue;
      assert.deepEqual(own, { tls_192_168_184_100_443: pem.privateKey });
      assert.ok(secrets.includes("secrets"));
      assert.equal(secrets.filter((path) => path.startsWith("files")).join(), "");
      assert.equal((inputs["files"] as any)["/etc/pulumi-lvs/tls/lvs_192_168_184_100_443.pem.key"].mode, "0600");
    }
  });
  test("outputs what a cluster of LVS does", async () => {
    const { cluster } = done.result;
    assert.ok(cluster instanceof ProxyPair);
    assert.deepEqual(await valueOf(cluster.vips), ["192.168.184.100"]);
    assert.deepEqual(await valueOf(cluster.directors), ["director-a", "director-b"]);
    assert.deepEqual(await valueOf(cluster.realServers), { rs1: "192.168.184.12", rs2: "192.168.184.13" });
    assert.deepEqual((await valueOf(cluster.services))[0], { vip: "192.168.184.100", port: 80, protocol: "tcp" });
  });
});

test("hosts, VRRP and proof of a pair of proxies have the names that LVS gives them, so that one becomes the other", async () => {
  const lvs = Object.keys((await run("lab-dr")).resources).filter((called) => !/Lvs|Lab/.test(called));
  const proxies = Object.keys((await run("lab-haproxy")).resources);
  assert.deepEqual(
    lvs.filter((called) => !proxies.includes(called)),
    [],
  );
});

describe("layers in a stack file", () => {
  let done: Awaited<ReturnType<typeof run>>;
  before(async () => void (done = await run("lab-layers")));

  test("are made from behind: the layer in front is set up on proxies that serve", async () => {
    const { resources, result } = done;
    assert.deepEqual(Object.keys(result.layers!), ["proxies", "front"]);
    assert.ok(result.layers!["front"] instanceof LvsCluster);
    for (const called of ["Host front-proxy-1", "Host front-proxy-2"])
      for (const proxy of ["Proxy proxies-proxy-1-proxy", "Proxy proxies-proxy-2-proxy"])
        assert.ok(resources[called]!.dependsOn.includes(proxy), `${called} after ${proxy}`);
    assert.ok(resources["Director front-lvs-b-serving"]!.dependsOn.includes("Host front-proxy-1"));
  });
  test("share machines, and no file on them", async () => {
    const { resources } = done;
    const [back, front] = ["Host proxies-proxy-1", "Host front-proxy-1"].map((called) => resources[called]!);
    assert.equal((front!.inputs["connection"] as { host: string }).host, "mgmt-of-proxy-1");
    assert.deepEqual(Object.keys(front!.inputs["addresses"] as object), ["lo 192.168.184.100/32"]);
    const paths = [back!, front!, resources["Proxy proxies-proxy-1-proxy"]!].flatMap(({ inputs }) =>
      Object.keys(inputs["files"] as object),
    );
    assert.equal(new Set(paths).size, paths.length, paths.join(" "));
  });
  test("have one manager of their network in both layers", async () => {
    const { lab, layers } = stackOf("lab-layers");
    layers.proxies.networkBackend = "ifupdown";
    Object.assign(layers.proxies.directors[1], { networkBackend: "netplan", networkNames: { ens32: "uplink" } });
    stackFile({ lab, layers });
    const { resources } = await record(() => fromStackFile(), { outputs: made });
    assert.equal(resources["HostNetwork front-proxy-1-network"]!.inputs["backend"], "ifupdown");
    assert.ok("/etc/network/interfaces.d/pulumi-lvs" in (resources["Host front-proxy-1"]!.inputs["files"] as object));
    const { backend, names } = resources["HostNetwork front-proxy-2-network"]!.inputs;
    assert.deepEqual({ backend, names }, { backend: "netplan", names: { ens32: "uplink" } });
  });
  test("without VIPs have proxies that listen on every address, and no VRRP", async () => {
    const { resources } = done;
    assert.ok(!Object.keys(resources).some((called) => /^Director proxies/.test(called)));
    assert.deepEqual(resources["Proxy proxies-proxy-1-proxy"]!.inputs["listen"], ["0.0.0.0:80", "0.0.0.0:8080"]);
  });
});

describe("a pair of proxies in a program", () => {
  const args = (change: (args: ProxyPairArgs) => void = () => undefined): ProxyPairArgs => {
    const { cluster } = stackOf("lab-nginx");
    for (const host of [...cluster.directors, ...cluster.realServers])
      host.connection = { host: `ssh-of-${host.name}`, privateKey: "THEIR KEY" };
    delete cluster.verification;
    for (const service of cluster.services)
      if (service.tls) service.tls = { ...pem, privateKey: pulumi.secret(pem.privateKey) };
    change(cluster as ProxyPairArgs);
    return cluster as ProxyPairArgs;
  };

  test("takes outputs, and shows its files at preview although key and password are secret", async () => {
    const { resources } = await record(
      () =>
        new ProxyPair(
          "web",
          args((given) => {
            given.vrrp!.authPass = pulumi.secret(password);
            given.realServers[0]!.address = pulumi.output("192.168.184.12");
          }),
        ),
      { preview: true, outputs: made },
    );
    const proxy = resources["Proxy web-director-a-proxy"]!;
    assert.match(fileOf(proxy, "/etc/nginx/nginx.conf"), /server 192\.168\.184\.12:80 /);
    assert.ok(
      proxy.secrets.every((path) => /^(secrets|connection)/.test(path)),
      proxy.secrets.join(" "),
    );
  });
  test("leaves real servers without a connection alone", async () => {
    const { resources } = await record(
      () =>
        new ProxyPair(
          "web",
          args((given) => {
            given.realServers = given.realServers.map(({ name, address, interface: nic }) => ({
              name,
              address,
              interface: nic,
            }));
          }),
        ),
      { outputs: made },
    );
    assert.ok(!Object.keys(resources).some((called) => called.startsWith("Host web-rs")));
  });
  test("refuses to set something up where it has no connection", async () => {
    let thrown: unknown;
    await record(
      () => {
        try {
          return new ProxyPair(
            "web",
            args((given) => delete given.realServers[0]!.connection),
          );
        } catch (error) {
          thrown = error;
        }
      },
      { outputs: made },
    );
    assert.ok(pulumi.RunError.isInstance(thrown));
    assert.match(thrown.message, /real server rs1: needs a connection/);
  });
  test("is refused before any proxy is made where a secret key is not the certificate's, and does not show it", () => {
    const { stdout } = spawnSync(process.execPath, ["--import", "tsx", join(__dirname, "fixtures/late-key.ts")], {
      encoding: "utf8",
    });
    const { failures, proxies } = JSON.parse(stdout) as { failures: Failure[]; proxies: string[] };
    assert.deepEqual(proxies, []);
    assert.ok(failures.length > 0);
    for (const { message, quiet } of failures) {
      assert.match(message, /services\[\d\]\.tls\.privateKey: the key of the certificate, got \[secret\]/);
      assert.doesNotMatch(message, /PRIVATE KEY-/);
      assert.ok(quiet, "shown without a stack trace");
    }
  });
  test("is the layer in front of which another cluster stands, by its outputs", async () => {
    const { resources } = await record(
      () => {
        const { layers } = stackOf("lab-layers");
        const hosts = (list: any[]) => list.map((host) => ({ ...host, connection: { host: `ssh-of-${host.name}` } }));
        const { verification, ...pool } = layers.proxies;
        void verification;
        const proxies = new ProxyPair("proxies", {
          ...pool,
          directors: hosts(pool.directors),
          realServers: hosts(pool.realServers),
        } as ProxyPairArgs);
        const { verification: client, ...front } = layers.front;
        void client;
        return new LvsCluster("front", { ...front, directors: hosts(front.directors), realServers: proxies.proxies });
      },
      { outputs: made },
    );
    assert.ok(resources["Host front-proxy-2"]!.dependsOn.includes("Proxy proxies-proxy-2-proxy"));
  });
});
