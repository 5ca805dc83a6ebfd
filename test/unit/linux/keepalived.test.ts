import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { StepResult } from "../../../infra/host/types.js";
import { classify, state } from "../../../infra/linux/keepalived.js";
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
}

describe("what keepalived -t says of", () => {
  for (const { title, result, errors, warnings } of casesOf<Messages>("keepalived", "messages"))
    test(title, () => assert.deepEqual(classify(result), { errors, warnings }));
});

describe("what the running keepalived holds:", () => {
  for (const each of casesOf<Dump>("keepalived", "state")) {
    test(each.title, () => {
      const { steps, parse } = state();
      const is = parse(printed(steps, [each.printed]));
      assert.equal(is.alive, each.alive);
      assert.deepEqual(is.instances, each.instances);
      const asked = (line: string) =>
        is.isDown(line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1));
      for (const line of each.down) assert.equal(asked(line), true, line);
      for (const line of each.up) assert.equal(asked(line), false, line);
    });
  }
});
