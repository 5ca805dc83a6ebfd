import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { startSshd, type Sshd } from "../host/sshd.js";
import { until } from "../host/until.js";
import { failure, partialOf, Plugin, secret, urnOf, type Wire } from "./plugin.js";

const urn = urnOf("lvs:index:Host", "lvs-rs1");
const page = (content: string, more: Wire = {}): Wire => ({
  content,
  mode: "0644",
  owner: "root",
  group: "root",
  ...more,
});

describe("a host of which only files are wanted", { timeout: 180_000 }, () => {
  let sshd: Sshd;
  let plugin: Plugin;
  let dir: string;
  /** Where the host's /var/lib is seen from here. */
  let record: string;

  before(async () => {
    sshd = await startSshd({
      prepare: [
        // The record of what was found is this test's own; the machine's /var/lib is not touched.
        "mkdir $dir/var-lib && mount --bind $dir/var-lib /var/lib",
        // A disk that takes its time: while $dir/slow is there, a file of that name waits for the disk.
        "cp /bin/sync $dir/true-sync",
        `printf '#!/bin/sh\\ncase "$*" in *"/.$(cat %s/slow 2>/dev/null || echo none)."*) >%s/held; while [ -e %s/slow ]; do sleep 0.05; done ;; esac\\nexec %s/true-sync "$@"\\n' $dir $dir $dir $dir >$dir/sync`,
        "chmod 755 $dir/sync && mount --bind $dir/sync /bin/sync",
      ],
    });
    record = join(sshd.dir, "var-lib");
  });
  after(async () => {
    await sshd.stop();
  });
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "lvs-files-"));
    plugin = await Plugin.start();
  });
  afterEach(async () => {
    await plugin.end();
    rmSync(dir, { recursive: true, force: true });
    for (const each of readdirSync(record)) rmSync(join(record, each), { recursive: true });
  });

  const inputs = (files: Record<string, Wire>): Wire => ({
    host: "rs1",
    connection: { ...sshd.connection, privateKey: secret(sshd.connection.privateKey) },
    reachable: true,
    files: Object.fromEntries(Object.entries(files).map(([name, want]) => [join(dir, name), want])),
  });
  const text = (name: string) => readFileSync(join(dir, name), "utf8");
  const unwrapped = (value: unknown) => (value as { value: Wire }).value;

  test("gets them, shows what is changed by hand, takes changes, and is as before in the end", async () => {
    // No text, and a mode that no program would choose.
    const original = Buffer.from([0xff, 0x00, 0x0a, 0xfe]);
    writeFileSync(join(dir, "old"), original);
    chmodSync(join(dir, "old"), 0o4751);
    const first = inputs({ old: page("ours\n"), "a/b/new": page("new\n", { mode: "0600" }), gone: page("1\n") });

    const { id, properties } = await plugin.create(urn, first);
    assert.equal(id, "rs1");
    assert.deepEqual([text("old"), text("a/b/new"), text("gone")], ["ours\n", "new\n", "1\n"]);
    assert.equal(statSync(join(dir, "a/b/new")).mode & 0o7777, 0o600);
    const { facts, found, ...rest } = properties;
    assert.deepEqual(rest, { ...first, revision: 1 });
    assert.equal(typeof facts, "object");
    assert.deepEqual(
      Object.keys(unwrapped(found)["files"] as object).sort(),
      Object.keys(first["files"] as object).sort(),
    );
    const [kept] = readdirSync(join(record, "pulumi-lvs"));
    assert.equal(statSync(join(record, "pulumi-lvs", kept!)).mode & 0o7777, 0o600);

    const inStep = await plugin.read(urn, id, first, properties);
    assert.deepEqual(inStep.inputs["files"], first["files"]);
    assert.equal((await plugin.diff(urn, inStep.inputs, { ...inStep.inputs, ...first })).getChanges(), 1);

    writeFileSync(join(dir, "old"), "by hand\n");
    rmSync(join(dir, "gone"));
    const drifted = await plugin.read(urn, id, first, properties);
    assert.equal(drifted.id, id);
    const seen = { [join(dir, "a/b/new")]: page("new\n", { mode: "0600" }), [join(dir, "old")]: page("by hand\n") };
    assert.deepEqual(drifted.inputs["files"], seen);
    assert.deepEqual(drifted.properties["files"], seen);
    assert.deepEqual(drifted.inputs["connection"], first["connection"]);
    const paths = (await plugin.diff(urn, drifted.inputs, { ...drifted.inputs, ...first })).getDetaileddiffMap();
    assert.deepEqual([...paths.keys()].sort(), [`files["${dir}/gone"]`, `files["${dir}/old"].content`]);
    await until(
      "both are said",
      () => plugin.said.filter((line) => line.includes("not as it was set up")).length === 2,
    );

    const second = inputs({ old: page("ours, second\n"), "a/b/new": page("new\n", { mode: "0600" }) });
    const updated = await plugin.update(urn, id, drifted.properties, drifted.inputs, second);
    assert.equal(updated["revision"], 2);
    assert.equal(text("old"), "ours, second\n");
    assert.equal(existsSync(join(dir, "gone")), false);
    assert.equal(
      Object.keys(unwrapped(updated["found"])["files"] as object).length,
      2,
      "what is given up is forgotten",
    );

    await plugin.delete(urn, id, updated);
    assert.deepEqual(readdirSync(dir), ["old"]);
    assert.deepEqual(readFileSync(join(dir, "old")), original);
    assert.equal(statSync(join(dir, "old")).mode & 0o7777, 0o4751);
    assert.deepEqual(readdirSync(record), [], "neither the record nor its folder stays");
    assert.doesNotMatch(plugin.said.join("\n"), /PRIVATE KEY/);
  });

  test("keeps the records of other resources when one goes", async () => {
    const [one, two] = [inputs({ one: page("1\n") }), inputs({ two: page("2\n") })];
    const other = urnOf("lvs:index:Host", "web-rs1");
    const made = await Promise.all([plugin.create(urn, one), plugin.create(other, two)]);
    await plugin.delete(urn, "rs1", made[0].properties);
    assert.equal(readdirSync(join(record, "pulumi-lvs")).length, 1);
    assert.deepEqual(readdirSync(dir), ["two"]);
    await plugin.delete(other, "rs1", made[1].properties);
    assert.deepEqual(readdirSync(record), []);
  });

  test("is not touched when something wanted cannot be read, and nothing of it is kept", async () => {
    writeFileSync(join(dir, "file"), "a file\n");
    mkdirSync(join(dir, "folder"));
    const want = inputs({ "a-first": page("1\n"), "file/below": page("2\n"), folder: page("3\n") });
    const error = await failure(plugin.create(urn, want));
    assert.match(error.details, /^rs1: nothing was changed\./);
    for (const name of ["file/below", "folder"]) assert.ok(error.details.includes(`files["${join(dir, name)}"]`));
    assert.equal(partialOf(error), undefined);
    assert.deepEqual(readdirSync(dir).sort(), ["file", "folder"]);
    assert.deepEqual(readdirSync(record), []);
  });

  test("whose change stops half way is kept with what was found, and the next up goes on from there", async () => {
    writeFileSync(join(dir, "a"), "theirs\n");
    const wrong = inputs({ a: page("ours\n"), b: page("b\n", { owner: "nobody-of-that-name" }) });
    const error = await failure(plugin.create(urn, wrong));
    assert.match(error.details, /^rs1: .*nobody-of-that-name/s);
    const partial = partialOf(error)!;
    assert.equal(partial.id, "rs1");
    assert.deepEqual(partial.reasons, [error.details]);
    assert.deepEqual(partial.inputs, wrong);
    assert.deepEqual(partial.properties["connection"], wrong["connection"], "its key stays secret");
    assert.equal(partial.properties["revision"], 0);
    assert.equal(text("a"), "ours\n");
    assert.deepEqual(readdirSync(dir), ["a"], "no half file stays");

    const right = inputs({ a: page("ours\n"), b: page("b\n") });
    const outputs = await plugin.update(urn, partial.id, partial.properties, partial.inputs, right);
    assert.deepEqual([outputs["revision"], text("b")], [1, "b\n"]);
    await plugin.delete(urn, partial.id, outputs);
    assert.deepEqual([readdirSync(dir), text("a"), readdirSync(record)], [["a"], "theirs\n", []]);
  });

  test("half made, can be deleted as it is", async () => {
    writeFileSync(join(dir, "a"), "theirs\n");
    const wrong = inputs({ a: page("ours\n"), b: page("b\n", { owner: "nobody-of-that-name" }) });
    const partial = partialOf(await failure(plugin.create(urn, wrong)))!;
    await plugin.delete(urn, partial.id, partial.properties);
    assert.deepEqual([readdirSync(dir), text("a"), readdirSync(record)], [["a"], "theirs\n", []]);
  });

  describe("in the middle of whose first change the provider stops", () => {
    const slow = () => join(sshd.dir, "slow");
    const begun = async (want: Wire) => {
      writeFileSync(slow(), "b");
      const work = failure(plugin.create(urn, want));
      work.catch(() => undefined);
      // A run that was ended keeps the host for a while: its batch may still go on.
      await until("the second file waits for the disk", () => existsSync(join(sshd.dir, "held")), 60);
      return { error: work };
    };
    const goOn = () => {
      rmSync(slow(), { force: true });
      rmSync(join(sshd.dir, "held"), { force: true });
    };
    beforeEach(() => writeFileSync(join(dir, "a"), "theirs\n"));
    afterEach(goOn);

    test("by SIGKILL, the true original comes back after a second create", async () => {
      await begun(inputs({ a: page("ours\n"), b: page("b\n") }));
      assert.equal(text("a"), "ours\n");
      assert.equal(await plugin.end("SIGKILL"), "SIGKILL");
      goOn();
      await until("the host has ended what was sent", () => existsSync(join(dir, "b")));

      plugin = await Plugin.start();
      const again = inputs({ a: page("ours\n") });
      const { id, properties } = await plugin.create(urn, again);
      assert.equal(existsSync(join(dir, "b")), false, "what is wanted no longer is put back, too");
      await plugin.delete(urn, id, properties);
      assert.deepEqual([readdirSync(dir), text("a"), readdirSync(record)], [["a"], "theirs\n", []]);
    });

    test("by SIGTERM, the host ends what was sent and nothing is half", async () => {
      await begun(inputs({ a: page("ours\n"), b: page("b\n") }));
      assert.equal(await plugin.end("SIGTERM"), 0);
      goOn();
      await until("the host has ended what was sent", () => existsSync(join(dir, "b")));
      assert.deepEqual(readdirSync(dir).sort(), ["a", "b"]);
    });

    test("by the engine's cancel, it answers within 5 s and keeps what was found", async () => {
      const { error } = await begun(inputs({ a: page("ours\n"), b: page("b\n") }));
      const begin = performance.now();
      await plugin.cancel();
      // Whatever the answer: it must not wait for the disk.
      await Promise.race([error, until("cancelled", () => performance.now() - begin > 5000, 6)]);
      const waited = performance.now() - begin;
      goOn();
      assert.ok(waited < 5000, "no answer within 5 s");
      assert.equal(partialOf(await error)?.id, "rs1");
    });
  });
});
