import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { freePort } from "../host/sshd.js";
import { until } from "../host/until.js";
import { failure, partialOf, Plugin, secret, UNKNOWN, urnOf, type Wire } from "./plugin.js";

const urn = urnOf("lvs:index:Host", "lvs-rs1");
/** The public host key that has one byte 32 times. */
const hostKey = (byte: number) => {
  const parts = [Buffer.from("ssh-ed25519"), Buffer.alloc(32, byte)];
  const lengths = parts.map((part) => Buffer.from([0, 0, 0, part.length]));
  return `ssh-ed25519 ${Buffer.concat(parts.flatMap((part, index) => [lengths[index]!, part])).toString("base64")}`;
};
const connection = { host: "127.0.0.1", password: "THEIR WORD", hostKey: hostKey(1) };
const hidden = { ...connection, password: secret("THEIR WORD") };
const page = (content: string): Wire => ({ content, mode: "0644", owner: "root", group: "root" });
const inputs = (more: Wire = {}): Wire => ({ host: "rs1", connection, files: { "/etc/x": page("x\n") }, ...more });

describe("the provider's executable", () => {
  let plugin: Plugin;
  before(async () => {
    plugin = await Plugin.start();
  });
  after(async () => {
    await plugin.end();
  });

  test("tells the engine that it takes secrets as they are and can preview", async () => {
    const response = await plugin.configure();
    assert.equal(response.getAcceptsecrets(), true);
    assert.equal(response.getSupportspreview(), true);
  });

  describe("at check", () => {
    test("makes keys and passwords secret, though nobody marked them", async () => {
      const proxy = {
        host: "jump",
        privateKey: "KEY",
        proxy: { host: "far", proxy: { host: "farther", password: "PW" } },
      };
      assert.deepEqual(await plugin.check(urn, inputs({ connection: { ...connection, proxy } })), {
        ...inputs(),
        connection: {
          ...hidden,
          proxy: {
            host: "jump",
            privateKey: secret("KEY"),
            proxy: { host: "far", proxy: { host: "farther", password: secret("PW") } },
          },
        },
      });
    });
    test("keeps what the user marked, and nothing else", async () => {
      const news = inputs({ connection: hidden, sysctls: secret({ "net.ipv4.ip_forward": secret("1") }) });
      assert.deepEqual(await plugin.check(urn, news), news);
    });
    test("keeps what is not known yet", async () => {
      const news = inputs({ connection: UNKNOWN });
      assert.deepEqual(await plugin.check(urn, news), news);
    });
    test("makes the passwords of a director secret, one by one", async () => {
      const news = await plugin.check(urnOf("lvs:index:Director", "d"), { connection, secrets: { auth_pass: "pw" } });
      assert.deepEqual(news, { connection: hidden, secrets: secret({ auth_pass: secret("pw") }) });
    });
  });

  describe("at diff", () => {
    const { DiffChanges } = proto.DiffResponse;
    const { Kind } = proto.PropertyDiff;
    const detail = (response: proto.DiffResponse) =>
      Object.fromEntries([...response.getDetaileddiffMap().entries()].map(([path, each]) => [path, each.getKind()]));

    test("sees nothing between equal inputs, whether marked secret or not", async () => {
      const response = await plugin.diff(urn, inputs(), inputs({ connection: hidden }));
      assert.equal(response.getChanges(), DiffChanges.DIFF_NONE);
      assert.deepEqual(detail(response), {});
    });
    test("names the line of the preview: the content of one file", async () => {
      const response = await plugin.diff(
        urn,
        inputs(),
        inputs({ files: { "/etc/x": page("y\n"), "/etc/z": page("") } }),
      );
      assert.equal(response.getChanges(), DiffChanges.DIFF_SOME);
      assert.equal(response.getHasdetaileddiff(), true);
      assert.deepEqual(detail(response), {
        'files["/etc/x"].content': Kind.UPDATE,
        'files["/etc/z"]': Kind.ADD,
      });
      assert.deepEqual(response.getDiffsList(), ["files"]);
      assert.deepEqual(response.getReplacesList(), []);
    });
    test("makes another machine another resource, deleted before it is created", async () => {
      const response = await plugin.diff(urn, inputs(), inputs({ host: "rs2", files: {} }));
      assert.deepEqual(detail(response), { 'files["/etc/x"]': Kind.DELETE, host: Kind.UPDATE_REPLACE });
      assert.deepEqual(response.getReplacesList(), ["host"]);
      assert.equal(response.getDeletebeforereplace(), true);
    });
    test("takes a changed host key or address for the same host: a mistyped key must not give the host back", async () => {
      const other = (more: Wire) => inputs({ connection: { ...connection, ...more } });
      const key = await plugin.diff(urn, inputs(), other({ hostKey: hostKey(2) }));
      assert.deepEqual(detail(key), { "connection.hostKey": Kind.UPDATE });
      assert.deepEqual(key.getReplacesList(), []);
      const address = await plugin.diff(urn, inputs(), other({ host: "192.0.2.1" }));
      assert.deepEqual(detail(address), { "connection.host": Kind.UPDATE });
      assert.deepEqual(address.getReplacesList(), []);
    });
    test("takes a lab machine that is made anew for another machine", async () => {
      const inLab = (more: Wire) => inputs({ connection: { ...connection, labMachine: "lab-0a1b2c/rs1", ...more } });
      const key = await plugin.diff(urn, inLab({}), inLab({ hostKey: hostKey(2) }));
      assert.deepEqual(detail(key), { "connection.hostKey": Kind.UPDATE_REPLACE });
      assert.deepEqual(key.getReplacesList(), ["connection"]);
      const planned = await plugin.diff(urn, inLab({}), inputs({ connection: UNKNOWN }));
      assert.deepEqual(detail(planned), { connection: Kind.UPDATE_REPLACE });
    });
    test("counts what is not known yet as a change", async () => {
      const response = await plugin.diff(urn, inputs(), inputs({ files: { "/etc/x": UNKNOWN } }));
      assert.deepEqual(detail(response), { 'files["/etc/x"]': Kind.UPDATE });
    });
  });

  describe("at preview", () => {
    test("gives the inputs, and as unknown what only the host can tell", async () => {
      const { id, properties } = await plugin.create(urn, inputs({ connection: hidden }), true);
      assert.equal(id, "");
      assert.deepEqual(properties, {
        ...inputs({ connection: hidden }),
        facts: UNKNOWN,
        revision: UNKNOWN,
        found: UNKNOWN,
      });
    });
    test("of an update keeps what an update does not change", async () => {
      const olds = { ...inputs(), facts: { id: "debian" }, revision: 3, found: secret({}) };
      const news = inputs({ files: {} });
      const planned = await plugin.update(urn, "rs1", olds, inputs(), news, true);
      assert.deepEqual(planned["facts"], { id: "debian" });
      assert.deepEqual(planned["files"], {});
      assert.equal(planned["revision"], UNKNOWN);
    });
  });

  test("does not know other resource types, and says what to use", async () => {
    const error = await failure(plugin.create(urnOf("lvs:index:Hots", "x"), {}));
    assert.match(error.details, /unknown resource type, got "lvs:index:Hots"\. Use/);
    assert.equal(partialOf(error), undefined);
  });

  test("tells within seconds which host cannot be reached and why, and keeps nothing of it", async () => {
    const port = await freePort();
    const begin = performance.now();
    const work = plugin.create(urn, inputs({ connection: { ...connection, port, dialErrorLimit: 2 } }));
    const error = await failure(work);
    assert.match(error.details, new RegExp(`^rs1 \\(127\\.0\\.0\\.1:${port}\\): no TCP connection .*, 2 times`));
    assert.doesNotMatch(error.details, /THEIR WORD/);
    assert.ok(performance.now() - begin < 5000);
    assert.equal(partialOf(error), undefined);
  });
  test("does not take a host that cannot be reached for one that is gone", async () => {
    const there = inputs({ connection: { ...connection, port: await freePort(), dialErrorLimit: 1 } });
    const error = await failure(plugin.read(urn, "rs1", there, { ...there, found: {} }));
    assert.match(error.details, /^rs1 \(127\.0\.0\.1:\d+\): /);
  });
});

describe("the provider, when the user interrupts", () => {
  let silent: Server;
  let sockets: Socket[];
  let plugin: Plugin;
  let work: ReturnType<typeof failure>;
  before(async () => {
    sockets = [];
    // A port that is open and says nothing: the longest wait that there is.
    silent = createServer((socket) => void sockets.push(socket.on("error", () => undefined))).listen(0, "127.0.0.1");
    await until("the silent port is open", () => silent.listening);
    plugin = await Plugin.start();
    const { port } = silent.address() as { port: number };
    work = failure(plugin.create(urn, inputs({ connection: { ...connection, port, perDialTimeout: 300 } })));
    work.catch(() => undefined);
    await until("the plugin dials", () => sockets.length > 0);
  });
  after(async () => {
    await plugin.end("SIGKILL");
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  test("ends what is under way within 5 s of the engine's cancel, and says that it was interrupted", async () => {
    const begin = performance.now();
    await plugin.cancel();
    const error = await work;
    assert.ok(performance.now() - begin < 5000);
    assert.match(error.details, /interrupted/);
    assert.equal(partialOf(error), undefined);
  });
  test("begins nothing new after that", async () => {
    const { port } = silent.address() as { port: number };
    const dials = sockets.length;
    const error = await failure(plugin.create(urn, inputs({ connection: { ...connection, port } })));
    assert.match(error.details, /interrupted/);
    assert.equal(sockets.length, dials);
  });
  test("ends on SIGTERM at once, also with an open connection", async () => {
    const begin = performance.now();
    assert.equal(await plugin.end("SIGTERM"), 0);
    assert.ok(performance.now() - begin < 2000);
  });
});

describe("the provider, when the engine has done its work", () => {
  test("ends on SIGINT at once: the engine waits for it at the end of each command", async () => {
    const plugin = await Plugin.start();
    await plugin.configure();
    const begin = performance.now();
    plugin.child.kill("SIGINT");
    await until("it has ended", () => plugin.child.exitCode !== null);
    assert.ok(performance.now() - begin < 1000, `${performance.now() - begin} ms`);
    assert.equal(await plugin.end(), 0);
  });
  test("finishes on SIGINT what is under way, and answers", async () => {
    const plugin = await Plugin.start();
    const port = await freePort();
    const work = failure(plugin.create(urn, inputs({ connection: { ...connection, port, dialErrorLimit: 3 } })));
    // Its first word: the work has begun.
    await until("the plugin works", () => plugin.said.length > 0);
    plugin.child.kill("SIGINT");
    assert.match((await work).details, /no TCP connection .*, 3 times/);
    await until("it has ended", () => plugin.child.exitCode !== null);
    assert.equal(await plugin.end(), 0);
  });
});
