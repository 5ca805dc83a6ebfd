import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { driftOf, driftText, type RefreshDigest } from "../../../infra/setup/drift-text.js";

const urn = (type: string, name: string) => `urn:pulumi:web::lvs::lvs:index:LvsCluster$lvs:index:${type}::${name}`;
const same = { op: "refresh", urn: urn("Host", "lvs-rs2"), oldState: { inputs: { host: "rs2" } }, detailedDiff: null };
const conf = '/etc/keepalived/keepalived.conf"].content';

/** In the form in which the CLI (3.250) printed it for a real lab. */
const digest: RefreshDigest = {
  steps: [
    same,
    {
      op: "update",
      urn: urn("Director", "lvs-director-b-serving"),
      oldState: {
        inputs: {
          host: "director-b",
          running: true,
          files: { "/etc/keepalived/keepalived.conf": { content: "a\nb\nc\n" } },
          table: {},
        },
      },
      newState: {
        inputs: {
          host: "director-b",
          running: false,
          files: { "/etc/keepalived/keepalived.conf": { content: "a\nB\nc\n" } },
          table: { "tcp 192.0.2.1:99": { scheduler: "rr" } },
        },
      },
      detailedDiff: {
        [`files["${conf}`]: { kind: "update" },
        running: { kind: "update" },
        'table["tcp 192.0.2.1:99"]': { kind: "add" },
      },
    },
    { op: "delete", urn: urn("Host", "lvs-rs1"), oldState: { inputs: { host: "rs1" } } },
    {
      op: "update",
      urn: urn("Verification", "lvs-verification"),
      oldState: { inputs: { sound: true } },
      newState: { inputs: { sound: false } },
      detailedDiff: { sound: { kind: "update" } },
    },
  ],
  diagnostics: [
    { severity: "warning", message: "warning: director-b: running is not as it was set up\n" },
    {
      severity: "warning",
      message: "warning: director-b: ens32 192.0.2.1/24 is on the host, which is not master of it\n",
    },
  ],
};

describe("drift", () => {
  test("is each thing with what was set and what was found; of a text only the lines that differ", () => {
    assert.deepEqual(driftOf(digest).drifts, [
      { where: "cluster", what: "VIPs and VRRP on the wire", set: "in order", found: "not in order" },
      { where: "director-b", what: `files["${conf}`, set: "b", found: "B" },
      { where: "director-b", what: 'table["tcp 192.0.2.1:99"]', set: "nothing", found: '{"scheduler":"rr"}' },
      { where: "director-b", what: "the daemon", set: "in order", found: "not in order" },
      { where: "rs1", what: "all of it", set: "there", found: "gone" },
    ]);
  });

  test("has notes, without those that say again what stands in the table", () => {
    assert.deepEqual(driftOf(digest).notes, [
      "director-b: ens32 192.0.2.1/24 is on the host, which is not master of it",
    ]);
  });

  test("is a table for a person, with the way back", () => {
    const text = driftText("web", driftOf(digest), 3.21);
    assert.match(text, /^web: 4 resources read in 3\.2 s, 5 not as set up\n/);
    assert.match(text, /director-b +│ table\["tcp 192\.0\.2\.1:99"\] +│ nothing/);
    assert.match(text, /pulumi -- up -s web\n$/);
  });

  test("is none where everything was read and is as set up", () => {
    assert.equal(driftText("web", driftOf({ steps: [same] }), 1), "web: 1 resources read in 1.0 s, no drift\n");
  });

  test("is not said to be none where a host could not be read", () => {
    const found = driftOf({
      steps: [same],
      diagnostics: [{ severity: "error", message: "error: rs1 (192.0.2.2:22): no answer" }],
    });
    assert.deepEqual(found.errors, ["rs1 (192.0.2.2:22): no answer"]);
    assert.match(driftText("web", found, 1), /not all of them\nnot read: rs1/);
  });
});
