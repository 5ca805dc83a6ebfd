import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { giveBack } from "../../../../infra/provider/proxy/change.js";
import type { Readings } from "../../../../infra/provider/sections.js";

const conf = "/etc/haproxy/haproxy.cfg";
const text = (content: string): Readings[keyof Readings] => ({
  [conf]: { state: "present", value: { content, mode: "0644", owner: "root", group: "root" } },
});
const unit = (active: boolean): Readings["units"] => ({
  "haproxy.service": { state: "present", value: { enabled: true, active, file: "enabled" } },
});
const have: Readings = { files: text("ours\n")!, units: unit(true)! };
const verbs = (found: Readings) =>
  giveBack("haproxy", have, found).flatMap(({ argv, stdin }) =>
    argv[0] === "systemctl"
      ? [argv.slice(2).join(" ")]
      : stdin === undefined
        ? []
        : [`writing ${String(stdin).trim()}`],
  );

describe("a proxy that is given up", () => {
  test("begins anew with its own configuration where it ran before us", () =>
    assert.deepEqual(verbs({ files: text("theirs\n")!, units: unit(true)! }), [
      "writing theirs",
      "reset-failed haproxy.service",
      "restart haproxy.service",
    ]));
  test("is stopped where it did not run", () =>
    assert.deepEqual(verbs({ files: text("theirs\n")!, units: unit(false)! }), [
      "stop haproxy.service",
      "writing theirs",
    ]));
  test("is stopped and forgotten where there was none", () =>
    assert.deepEqual(verbs({ units: { "haproxy.service": { state: "absent" } } }), [
      "disable haproxy.service",
      "stop haproxy.service",
      "reset-failed haproxy.service",
    ]));
});
