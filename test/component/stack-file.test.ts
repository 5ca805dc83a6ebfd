import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { fromStackFile } from "../../infra/index.js";
import { record, valueOf, type Registered } from "./recorder.js";
import { labDr, made, password, stackFile } from "./stack.js";

const run = (sections: { cluster?: unknown; lab?: unknown }) => {
  stackFile(sections);
  return record(fromStackFile, { outputs: made });
};

const machines = ["client", "director-a", "director-b", "rs1", "rs2"];
const pool = ["Host lvs-rs1", "Host lvs-rs2"];

/** Every resource of the first lab: parent, what comes before it, and with what it may simply vanish. */
const expected: Record<string, [parent: string, dependsOn: string[], deletedWith: string]> = {
  "Lab lab": ["", [], ""],
  "LabNetwork lab-network": ["Lab lab", [], ""],
  ...Object.fromEntries(
    machines.map((name) => [`LabMachine lab-${name}`, ["Lab lab", ["LabNetwork lab-network"], ""]]),
  ),
  "LvsCluster lvs": ["", [], ""],
  "RealServerPool lvs": ["LvsCluster lvs", [], ""],
  "Host lvs-rs1": ["RealServerPool lvs", ["LabMachine lab-rs1"], "LabMachine lab-rs1"],
  "Host lvs-rs2": ["RealServerPool lvs", ["LabMachine lab-rs2"], "LabMachine lab-rs2"],
  "DirectorPair lvs": ["LvsCluster lvs", [], ""],
  // The master is touched when the backup serves.
  "Host lvs-director-a": [
    "DirectorPair lvs",
    ["Director lvs-director-b-serving", "LabMachine lab-director-a"],
    "LabMachine lab-director-a",
  ],
  "Host lvs-director-b": ["DirectorPair lvs", ["LabMachine lab-director-b"], "LabMachine lab-director-b"],
  // The backup is changed once every real server answers, the master once the backup serves.
  "Director lvs-director-b-serving": [
    "DirectorPair lvs",
    ["Host lvs-director-b", ...pool, "LabMachine lab-director-a", "LabMachine lab-director-b"],
    "LabMachine lab-director-b",
  ],
  "Director lvs-director-a-serving": [
    "DirectorPair lvs",
    [
      "Director lvs-director-b-serving",
      "Host lvs-director-a",
      ...pool,
      "LabMachine lab-director-a",
      "LabMachine lab-director-b",
    ],
    "LabMachine lab-director-a",
  ],
  "Verification lvs-verification": [
    "LvsCluster lvs",
    [
      "Director lvs-director-a-serving",
      "Director lvs-director-b-serving",
      "Host lvs-director-a",
      "Host lvs-director-b",
      ...pool,
      ...machines.map((name) => `LabMachine lab-${name}`),
    ],
    "",
  ],
};

describe("the stack file of the first lab", () => {
  const done = run(labDr());
  const all = async () => (await done).resources;
  const one = async (called: string): Promise<Registered> => (await all())[called]!;

  test("makes exactly these resources, in this order of doing and undoing", async () => {
    const resources = Object.entries(await all()).map(([called, { parent, dependsOn, deletedWith }]) => [
      called,
      [parent, dependsOn, deletedWith],
    ]);
    assert.deepEqual(Object.fromEntries(resources), expected);
  });
  test("gives the lab its segments and each machine its interfaces", async () => {
    const { root, ...network } = (await one("LabNetwork lab-network")).inputs;
    assert.deepEqual(network, { stack: "test", segments: ["lan"] });
    assert.match(root as string, /^\//);
    const { memory, ...machine } = (await one("LabMachine lab-rs1")).inputs;
    assert.ok(Number(memory) > 0);
    assert.deepEqual(machine, {
      lab: "test-abc123",
      machine: "rs1",
      interfaces: { ens32: { segment: "lan", addresses: ["192.168.184.12/24"] } },
      running: true,
    });
  });
  test("reaches each host through its lab machine", async () => {
    for (const called of ["Host lvs-rs2", "Host lvs-director-b", "Director lvs-director-b-serving"]) {
      const { host, connection } = (await one(called)).inputs as { host: string; connection: { host: string } };
      assert.equal(connection.host, `mgmt-of-${host}`);
    }
  });
  test("puts the VIP and the ARP sysctls on real servers, and on no director", async () => {
    const { sysctls, addresses } = (await one("Host lvs-rs1")).inputs;
    assert.deepEqual(Object.keys(addresses as object), ["lo 192.168.184.100/32"]);
    assert.deepEqual(sysctls, {
      "net.ipv4.conf.all.arp_announce": "2",
      "net.ipv4.conf.all.arp_ignore": "1",
      "net.ipv4.conf.ens32.arp_announce": "2",
      "net.ipv4.conf.ens32.arp_ignore": "1",
    });
    assert.deepEqual((await one("Host lvs-director-a")).inputs["addresses"], {});
  });
  test("lets the directors serve both real servers, and tells them apart by priority", async () => {
    for (const [name, priority] of [
      ["director-a", 100],
      ["director-b", 50],
    ]) {
      const { table, vips, files } = (await one(`Director lvs-${name}-serving`)).inputs;
      const member = { forwarding: "dr", weight: 1 };
      assert.deepEqual(table, {
        "tcp 192.168.184.100:80": {
          scheduler: "rr",
          realServers: { "192.168.184.12:80": member, "192.168.184.13:80": member },
        },
      });
      assert.deepEqual(vips, ["ens32 192.168.184.100/24"]);
      const { content } = (files as Record<string, { content: string }>)["/etc/keepalived/keepalived.conf"]!;
      assert.match(content, new RegExp(`^ *priority ${priority}$`, "m"));
    }
  });
  test("verifies again when anything below has changed, and has ten minutes for it", async () => {
    const { inputs, createTimeout } = await one("Verification lvs-verification");
    assert.deepEqual(inputs["revisions"], {
      "director-a": 1,
      "director-a-serving": 1,
      "director-b": 1,
      "director-b-serving": 1,
      rs1: 1,
      rs2: 1,
    });
    assert.equal((inputs["client"] as { name: string }).name, "client");
    assert.equal(createTimeout, "10m");
  });
  test("outputs what a person asks for first", async () => {
    const { lab, cluster } = (await done).result;
    assert.equal((await valueOf(lab!.addresses))["rs1"], "mgmt-of-rs1");
    assert.deepEqual(await valueOf(cluster!.vips), ["192.168.184.100"]);
    assert.deepEqual(await valueOf(cluster!.services), [{ vip: "192.168.184.100", port: 80, protocol: "tcp" }]);
    assert.deepEqual(await valueOf(cluster!.directors), ["director-a", "director-b"]);
    assert.deepEqual(await valueOf(cluster!.realServers), { rs1: "192.168.184.12", rs2: "192.168.184.13" });
    const outputs: pulumi.Output<unknown>[] = [
      lab!.addresses,
      cluster!.vips,
      cluster!.realServers,
      cluster!.verification,
    ];
    for (const output of outputs) assert.equal(await pulumi.isSecret(output), false);
  });
  test("keeps the password secret and out of every file, so that previews can show all lines", async () => {
    for (const name of ["director-a", "director-b"]) {
      const { inputs, secrets } = await one(`Director lvs-${name}-serving`);
      assert.deepEqual(inputs["secrets"], { auth_pass: password });
      assert.ok(secrets.includes("secrets"));
      assert.equal(secrets.filter((path) => /^(files|table|vips)/.test(path)).join(), "");
    }
    for (const [called, { inputs }] of Object.entries(await all())) {
      const { secrets, ...others } = inputs;
      assert.doesNotMatch(JSON.stringify(others), new RegExp(password), called);
      if (!called.startsWith("Director ")) assert.equal(secrets, undefined, called);
    }
  });
});

describe("a stack file", () => {
  test("may have a lab alone", async () => {
    const { resources, result } = await run({ lab: labDr().lab });
    assert.deepEqual(Object.keys(result), ["lab"]);
    assert.equal(Object.keys(resources).length, 2 + machines.length);
  });
  test("may have a cluster alone, with connections of its own", async () => {
    const { cluster } = labDr();
    delete cluster.verification;
    for (const host of [...cluster.directors, ...cluster.realServers])
      host.connection = { host: `ssh-of-${host.name}`, knownHostsFile: "/etc/ssh/ssh_known_hosts" };
    const { resources, result } = await run({ cluster });
    assert.deepEqual(Object.keys(result), ["cluster"]);
    assert.equal(resources["Host lvs-rs1"]!.deletedWith, "");
    assert.deepEqual(resources["Host lvs-rs1"]!.inputs["connection"], cluster.realServers[0]!.connection);
    assert.equal(resources["Verification lvs-verification"]!.inputs["client"], undefined);
  });
  test("wins with a connection over the lab's machine of the same name", async () => {
    const { cluster, lab } = labDr();
    cluster.realServers[0]!.connection = { host: "192.0.2.7" };
    const { resources } = await run({ cluster, lab });
    assert.deepEqual(resources["Host lvs-rs1"]!.inputs["connection"], { host: "192.0.2.7" });
    assert.equal(resources["Host lvs-rs1"]!.deletedWith, "");
    assert.equal(resources["Host lvs-rs2"]!.deletedWith, "LabMachine lab-rs2");
  });
  test("with problems makes nothing, and names all of them at once, the lab's too", async () => {
    const { cluster, lab } = labDr();
    cluster.directors[0]!.priority = 300;
    cluster.services[0]!.port = 70_000;
    lab.segments["lan"]!.subnets = ["192.168.184.0/40"];
    stackFile({ cluster, lab });
    let thrown: unknown;
    const { resources } = await record(() => {
      try {
        fromStackFile();
      } catch (error) {
        thrown = error;
      }
    });
    assert.deepEqual(resources, {});
    // The engine shows a RunError without a stack trace.
    assert.ok(pulumi.RunError.isInstance(thrown));
    const { message } = thrown;
    for (const path of ["directors[0].priority", "services[0].port", "subnets[0]"])
      assert.equal(message.split(path).length, 2, `${path} once in:\n${message}`);
  });
  test("with nothing in it says what belongs there", async () => {
    stackFile({});
    await assert.rejects(record(fromStackFile), /lvs:cluster: .*docs\/stack-file\.md/);
  });
});
