import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Journal } from "../../../infra/provider/journal.js";
import { mergeFound, type Readings } from "../../../infra/provider/sections.js";

const urn = "urn:pulumi:lab-dr::lvs::lvs:index:LvsCluster$lvs:index:Host::lvs-rs1";
const result = (stdout: string) => ({ argv: [], code: 0, stdout, stderr: "" });
const fileLine = (content: string) => `file 600 root 0 root 0 ${Buffer.from(content).toString("base64")}\n`;
const found: Readings = { sysctls: { "net.ipv4.ip_forward": { state: "present", value: "0" } } };

describe("the record of what was found", () => {
  const journal = new Journal<Readings>(urn);

  test("has a name of its own for each resource, always the same", () => {
    assert.equal(new Journal(urn).path, journal.path);
    assert.notEqual(new Journal(`${urn}2`).path, journal.path);
    assert.match(journal.path, /^\/var\/lib\/pulumi-lvs\/found-[0-9a-f]{16}\.json$/);
  });
  test("goes on when a pair of proxies becomes a cluster of LVS", () => {
    assert.equal(new Journal(urn.replace("LvsCluster", "ProxyPair")).path, journal.path);
    assert.notEqual(new Journal(urn.replace("index:Host", "index:Proxy")).path, journal.path);
  });
  test("is nothing before the first run", () => {
    assert.equal(journal.query().parse([result("absent\n")]).found, undefined);
  });
  test("is read as it was written, readable to root alone", () => {
    const steps = journal.write({ readings: {}, found: undefined }, found);
    assert.equal(steps.length, 1);
    assert.deepEqual(steps[0]!.argv.slice(-3), [journal.path, "0600", "root:root"]);
    const entry = journal.query().parse([result(fileLine(String(steps[0]!.stdin)))]);
    assert.deepEqual(entry.found, found);
    assert.deepEqual(journal.write(entry, found), [], "an unchanged record is not written again");
  });
  test("that cannot be read stops everything, for nothing could be put back", () => {
    assert.throws(() => journal.query().parse([result("unreadable a directory\n")]), /found-.*a directory.*Repair/);
  });
  test("that is not whole stops everything, and says which file it is", () => {
    for (const content of ["", "{", '{"urn":"x"}', "null"])
      assert.throws(() => journal.query().parse([result(fileLine(content))]), /found-.*\.json: .*Repair/, content);
  });
  test("takes its folder along only when it is the last one", () => {
    const [remove, folder] = journal.remove();
    assert.deepEqual(remove!.argv, ["rm", "-f", journal.path]);
    assert.deepEqual(folder, { argv: ["rmdir", "/var/lib/pulumi-lvs"], accept: "any" });
  });
});

describe("findings of an interrupted run", () => {
  test("are older than what is read now, so they win key by key", () => {
    const older: Readings = { files: { "/a": { state: "absent" } }, sysctls: found.sysctls! };
    const newer: Readings = {
      files: { "/a": { state: "present", value: "ours" }, "/b": { state: "present", value: "theirs" } },
      units: { "x.service": { state: "absent" } },
    };
    assert.deepEqual(mergeFound(older, newer), {
      files: { "/a": { state: "absent" }, "/b": { state: "present", value: "theirs" } },
      sysctls: found.sysctls,
      units: { "x.service": { state: "absent" } },
    });
  });
  test("are all that is known where nothing new is read, and the other way round", () => {
    assert.deepEqual(mergeFound(found, {}), found);
    assert.deepEqual(mergeFound({}, found), found);
    assert.deepEqual(mergeFound({}, {}), {});
  });
});
