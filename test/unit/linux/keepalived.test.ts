import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { StepResult } from "../../../infra/host/types.js";
import { classify, settleSync, state } from "../../../infra/linux/keepalived.js";
import { casesOf, printed } from "./case-files.js";

interface Messages {
  title: string;
  result: StepResult;
  errors: string[];
  warnings: string[];
}

interface Dump {
  title: string;
  printed: string;
  alive: boolean;
  instances: Record<string, unknown>;
  down: string[];
  up: string[];
  /** Real servers whose check fails, or does not, in the table or out of it. */
  failing?: string[];
  healthy?: string[];
}

describe("what keepalived -t says of", () => {
  for (const { title, result, errors, warnings } of casesOf<Messages>("keepalived", "messages"))
    test(title, () => assert.deepEqual(classify(result), { errors, warnings }));
});

describe("the sync daemon after a reload", () => {
  const args = (content: string) => settleSync(content).argv.slice(4);

  test("is what the configuration says", () => {
    assert.deepEqual(args("global_defs {\n    lvs_sync_daemon ens32 VI_1 id 51\n}\n"), ["ens32", "51"]);
  });
  test("is none where the configuration has none", () => assert.deepEqual(args("global_defs {\n}\n"), []));
});

describe("what the running keepalived holds:", () => {
  for (const each of casesOf<Dump>("keepalived", "state")) {
    test(each.title, () => {
      const { steps, parse } = state();
      const is = parse(printed(steps, [each.printed]));
      assert.equal(is.alive, each.alive);
      assert.deepEqual(is.instances, each.instances);
      const asked = (question: "isDown" | "fails", line: string) =>
        is[question](line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1));
      for (const line of each.down) assert.equal(asked("isDown", line), true, line);
      for (const line of each.up) assert.equal(asked("isDown", line), false, line);
      for (const line of each.failing ?? []) assert.equal(asked("fails", line), true, line);
      for (const line of each.healthy ?? []) assert.equal(asked("fails", line), false, line);
    });
  }
});
