import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { LvsCluster, type LvsClusterArgs } from "../../infra/index.js";
import { unknown } from "../../infra/provider/values.js";
import { record, type Circumstances, type Registered } from "./recorder.js";
import type { Failure } from "./fixtures/late-password.js";
import { labDr, made, password } from "./stack.js";

/** The first lab's cluster with connections to machines that somebody else made. */
function args(change: (args: LvsClusterArgs) => void = () => undefined): LvsClusterArgs {
  const cluster = labDr().cluster as unknown as LvsClusterArgs;
  for (const host of [...cluster.directors, ...cluster.realServers])
    host.connection = { host: `ssh-of-${host.name}`, privateKey: "THEIR KEY" };
  cluster.verification = { client: "client", connection: { host: "ssh-of-client", password: "THEIR WORD" } };
  change(cluster);
  return cluster;
}

const run = async (given: () => LvsClusterArgs, circumstances: Circumstances = {}) =>
  record(() => new LvsCluster("web", given()), { outputs: made, ...circumstances });

const conf = (director: Registered): string =>
  (director.inputs["files"] as Record<string, { content: string }>)["/etc/keepalived/keepalived.conf"]!.content;
const directors = (resources: Record<string, Registered>) =>
  Object.entries(resources).flatMap(([called, each]) => (called.startsWith("Director ") ? [each] : []));

describe("children of a cluster", () => {
  test("are named after the cluster's resource and their hosts", async () => {
    const { resources } = await run(args);
    assert.deepEqual(Object.keys(resources).sort(), [
      "Director web-director-a-serving",
      "Director web-director-b-serving",
      "DirectorPair web",
      "Host web-director-a",
      "Host web-director-b",
      "Host web-rs1",
      "Host web-rs2",
      "LvsCluster web",
      "RealServerPool web",
      "Verification web-verification",
    ]);
  });
  test("stay the same, with the same inputs, when lists are reordered", async () => {
    const { resources: before } = await run(args);
    const { resources: after } = await run(() =>
      args((cluster) => {
        cluster.directors.reverse();
        cluster.realServers.reverse();
      }),
    );
    assert.deepEqual(after, before);
  });
  test("of the other hosts stay the same when a real server is added", async () => {
    const { resources: before } = await run(args);
    const { resources: after } = await run(() =>
      args(({ realServers }) => {
        realServers.unshift({ ...realServers[0]!, name: "rs0", address: "192.168.184.9" });
      }),
    );
    assert.deepEqual(after["Host web-rs1"], before["Host web-rs1"]);
    assert.deepEqual(after["Host web-rs2"], before["Host web-rs2"]);
    assert.ok(after["Director web-director-b-serving"]!.dependsOn.includes("Host web-rs0"));
  });
  test("of the backup are prepared beside the real servers, those of the master when the backup serves", async () => {
    const { resources } = await run(() => args());
    // The pair itself as well: children wait for what their parent waits for.
    for (const called of ["DirectorPair web", "Host web-director-b"])
      assert.deepEqual(resources[called]!.dependsOn, [], called);
    assert.deepEqual(resources["Host web-director-a"]!.dependsOn, ["Director web-director-b-serving"]);
  });
  test("that are routers come before the real servers, and are looked at with the rest", async () => {
    const { resources } = await run(() =>
      args((cluster) => {
        cluster.routers = [
          { name: "router", address: "192.168.184.1", interface: "ens32", connection: { host: "ssh-of-router" } },
        ];
      }),
    );
    assert.equal(resources["Host web-router"]!.parent, "Router web-router");
    assert.deepEqual(resources["Host web-router"]!.inputs["sysctls"], {
      "net.ipv4.conf.all.rp_filter": "2",
      "net.ipv4.ip_forward": "1",
      "net.ipv6.conf.all.forwarding": "1",
    });
    assert.deepEqual(resources["RealServerPool web"]!.dependsOn, ["Host web-router"]);
    assert.ok(resources["Director web-director-b-serving"]!.dependsOn.includes("Host web-router"));
    assert.equal(
      (resources["Verification web-verification"]!.inputs["revisions"] as Record<string, number>)["router"],
      1,
    );
  });
  test("that are to be asked for their network's manager have its files once they were, and all else before", async () => {
    const asked = () =>
      args((cluster) => {
        cluster.networkBackend = "systemd-unit";
        cluster.realServers[0]!.networkBackend = "detect";
        cluster.directors[0]!.networkBackend = "detect";
      });
    const { resources } = await run(asked);
    const networks = Object.keys(resources).filter((called) => called.startsWith("HostNetwork "));
    assert.deepEqual(networks.sort(), ["HostNetwork web-director-a-network", "HostNetwork web-rs1-network"]);
    const { backend, interfaces } = resources["HostNetwork web-director-a-network"]!.inputs;
    assert.deepEqual([backend, interfaces], ["detect", ["ens32"]]);
    // Also of the director that is changed last, before anything has changed.
    assert.deepEqual(resources["HostNetwork web-director-a-network"]!.dependsOn, []);
    const director = resources["Host web-director-a"]!;
    assert.ok(director.dependsOn.includes("HostNetwork web-director-a-network"));
    assert.ok("/etc/systemd/network/20-wired.network.d/pulumi-lvs.conf" in (director.inputs["files"] as object));
    const { resources: first } = await run(asked, { preview: true, outputs: () => ({}) });
    for (const [section, value] of Object.entries(resources["Host web-rs1"]!.inputs))
      if (section === "files" || section === "units") assert.equal(first["Host web-rs1"]!.inputs[section], unknown);
      else assert.deepEqual(first["Host web-rs1"]!.inputs[section], value, section);
    assert.deepEqual(first["Host web-rs2"]!.inputs, resources["Host web-rs2"]!.inputs);
  });
  test("whose manager is named are planned with it, once it is seen to be there", async () => {
    const { resources } = await run(() =>
      args((cluster) => {
        cluster.networkBackend = "ifupdown";
      }),
    );
    for (const host of ["director-a", "director-b", "rs1", "rs2"])
      assert.ok(resources[`Host web-${host}`]!.dependsOn.includes(`HostNetwork web-${host}-network`), host);
    assert.ok("/etc/network/interfaces.d/pulumi-lvs" in (resources["Host web-rs1"]!.inputs["files"] as object));
  });
  test("without keepalived are told to fill the table by themselves, and only then", async () => {
    const { resources } = await run(() =>
      args((cluster) => {
        delete cluster.vrrp;
        cluster.directors = [{ ...cluster.directors[0]!, state: undefined }];
        cluster.services = [{ vip: "192.168.184.100", port: 80 }];
      }),
    );
    const { daemon, files, secrets } = resources["Director web-director-a-serving"]!.inputs;
    assert.equal(daemon, "ipvsadm");
    assert.deepEqual(Object.keys(files as object).sort(), [
      "/etc/systemd/system/lvs-table.service",
      "/usr/local/sbin/lvs-table",
    ]);
    assert.deepEqual(secrets, {});
    const { resources: pair } = await run(args);
    // A state from before there was a choice has no such input: it must not change.
    assert.ok(!("daemon" in pair["Director web-director-a-serving"]!.inputs));
    for (const section of ["links", "rules"]) assert.ok(!(section in pair["Host web-rs1"]!.inputs), section);
  });
  test("are not restored first when their virtual machine is deleted in the same run", async () => {
    class Machine extends pulumi.CustomResource {
      constructor() {
        super("cloud:index:Machine", "vm", {});
      }
    }
    const { resources } = await run(() =>
      args(({ directors: [first] }) => {
        first!.deletedWith = new Machine();
      }),
    );
    const with_ = Object.entries(resources).filter(([, { deletedWith }]) => deletedWith === "Machine vm");
    assert.deepEqual(with_.map(([called]) => called).sort(), [
      "Director web-director-a-serving",
      "Host web-director-a",
    ]);
  });
  test("are changed one director after the other, the master last, however many and in whatever order they are", async () => {
    const { resources } = await run(() =>
      args(({ directors: list }) => {
        list.unshift({ ...list[1]!, name: "director-c", address: "192.168.184.15", priority: 75 });
      }),
    );
    const after = (name: string) =>
      resources[`Director web-${name}-serving`]!.dependsOn.filter((called) => called.startsWith("Director "));
    assert.deepEqual(["director-b", "director-c", "director-a"].map(after), [
      [],
      ["Director web-director-b-serving"],
      ["Director web-director-c-serving"],
    ]);
  });
});

describe("a value that comes from another resource", () => {
  const later = <T>(value: T) => pulumi.output(Promise.resolve(value));

  test("gives the same resources as plain text, wherever it stands", async () => {
    const { resources: plain } = await run(args);
    const { resources } = await run(() =>
      args((cluster) => {
        cluster.forwarding = later<"dr">("dr");
        cluster.vrrp!.authPass = pulumi.secret(password);
        cluster.vrrp!.virtualRouterId = later(51);
        cluster.vips = later([{ address: "192.168.184.100/24", interface: "ens32", label: "ens32:3" }]);
        for (const host of [...cluster.directors, ...cluster.realServers]) {
          host.address = later(host.address as string);
          host.connection = later({ host: `ssh-of-${host.name}`, privateKey: pulumi.secret("THEIR KEY") });
        }
      }),
    );
    const inputs = (all: Record<string, Registered>) =>
      Object.fromEntries(Object.entries(all).map(([called, each]) => [called, each.inputs]));
    assert.deepEqual(inputs(resources), inputs(plain));
  });
  test("leaves the order of doing as it is", async () => {
    const order = (all: Record<string, Registered>) =>
      Object.fromEntries(Object.entries(all).map(([called, each]) => [called, each.dependsOn]));
    const { resources: plain } = await run(args);
    const { resources } = await run(() =>
      args(({ realServers: [first] }) => {
        first!.address = later("192.168.184.12");
      }),
    );
    assert.deepEqual(order(resources), order(plain));
  });
  test("may be unknown at preview", async () => {
    const { resources } = await run(
      () =>
        args(({ realServers: [first] }) => {
          first!.address = pulumi.output(Promise.resolve(pulumi.unknown as unknown as string));
          first!.connection = { host: pulumi.output(Promise.resolve(pulumi.unknown as unknown as string)) };
        }),
      { preview: true, outputs: () => ({}) },
    );
    assert.equal(Object.keys(resources).length, 10);
    assert.deepEqual(resources["Host web-rs1"]!.inputs["connection"], unknown);
    assert.equal(resources["Host web-rs2"]!.inputs["host"], "rs2");
  });
});

describe("secrets of a cluster", () => {
  test("stay secret as plain text, and as an Output", async () => {
    for (const authPass of [() => password, () => pulumi.secret(password), () => pulumi.output(password)]) {
      const { resources } = await run(() => args(({ vrrp }) => void (vrrp!.authPass = authPass())));
      assert.equal(directors(resources).length, 2);
      for (const { inputs, secrets } of directors(resources)) {
        assert.deepEqual(inputs["secrets"], { auth_pass: password });
        assert.ok(secrets.includes("secrets"));
      }
    }
  });
  test("make no line of keepalived.conf secret", async () => {
    for (const authPass of [() => password, () => pulumi.secret(password)]) {
      const { resources } = await run(() => args(({ vrrp }) => void (vrrp!.authPass = authPass())));
      for (const director of directors(resources)) {
        assert.match(conf(director), /^ *auth_pass \$\{secret:auth_pass\}$/m);
        assert.deepEqual(
          director.secrets.filter((path) => !/^(connection|secrets|peers\.\d+\.connection)/.test(path)),
          [],
        );
      }
    }
  });
  test("are none where no password is given, and then keepalived asks for none", async () => {
    const { resources } = await run(() => args(({ vrrp }) => delete vrrp!.authPass));
    for (const director of directors(resources)) {
      assert.deepEqual(director.inputs["secrets"], {});
      assert.doesNotMatch(conf(director), /auth/);
    }
  });
  test("include keys and passwords of every connection, though nobody marked them", async () => {
    const { resources } = await run(args);
    const path = (called: string, ...at: string[]) => {
      const { secrets } = resources[called]!;
      const covering = at.map((_, index) => at.slice(0, index + 1).join("."));
      assert.ok(
        covering.some((each) => secrets.includes(each)),
        `${called}: ${at.join(".")} in ${secrets.join(" ")}`,
      );
    };
    for (const host of ["rs1", "rs2", "director-a", "director-b"]) path(`Host web-${host}`, "connection", "privateKey");
    path("Director web-director-a-serving", "connection", "privateKey");
    path("Verification web-verification", "directors", "1", "connection", "privateKey");
    path("Verification web-verification", "client", "connection", "password");
  });
});

describe("a cluster that cannot be", () => {
  test("makes no host, and tells every problem in one error", async () => {
    let thrown: unknown;
    const { resources } = await record(() => {
      try {
        new LvsCluster(
          "web",
          args((cluster) => {
            cluster.directors[1]!.priority = 100;
            cluster.realServers[0]!.address = "192.168.184.300";
            (cluster.services as { port: number }[])[0]!.port = 70000;
            cluster.vrrp!.authPass = "longer than eight";
          }),
        );
      } catch (error) {
        thrown = error;
      }
    });
    // The engine shows a RunError without a stack trace.
    assert.ok(pulumi.RunError.isInstance(thrown));
    const { message } = thrown;
    for (const path of ["directors", "realServers[0].address", "services[0].port", "vrrp.authPass"])
      assert.ok(message.includes(path), `${path} in:\n${message}`);
    assert.doesNotMatch(message, /longer than eight/);
    assert.deepEqual(Object.keys(resources), ["LvsCluster web"]);
  });
  test("for a password that is known late only makes no director, and does not show it", () => {
    const { stdout } = spawnSync(process.execPath, ["--import", "tsx", join(__dirname, "fixtures/late-password.ts")], {
      encoding: "utf8",
    });
    const { failures, directors: begun } = JSON.parse(stdout) as { failures: Failure[]; directors: string[] };
    assert.deepEqual(begun, []);
    assert.ok(failures.length > 0);
    for (const { message, quiet } of failures) {
      assert.match(message, /vrrp\.authPass: 1 to 8 characters/);
      assert.doesNotMatch(message, /longer than eight/);
      assert.ok(quiet, "shown without a stack trace");
    }
  });
});
