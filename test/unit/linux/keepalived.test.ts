import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { StepResult } from "../../../infra/host/types.js";
import { classify, isCheckOf, settleSync, state, syncInStep } from "../../../infra/linux/keepalived.js";
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
  undecided?: string[];
  reloadCheck?: boolean;
}

describe("what keepalived -t says of", () => {
  for (const { title, result, errors, warnings } of casesOf<Messages>("keepalived", "messages"))
    test(title, () => assert.deepEqual(classify(result), { errors, warnings }));
});

describe("the sync daemon", () => {
  const wanted = "global_defs {\n    lvs_sync_daemon ens32 VI_1 id 51\n}\n";
  const none = "global_defs {\n}\n";
  const instances = { VI_1: { state: "MASTER", priority: 100, vips: [], settings: [] } };
  const inStep = (content: string, ...lines: string[]) => {
    const { steps, parse } = syncInStep(content);
    return parse(printed(steps, [lines.join("\n")]));
  };
  const daemon = "backup sync daemon (mcast=ens32, syncid=51, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)";

  test("is what the configuration says, in the state of its instance", () => {
    assert.deepEqual(settleSync(wanted, { instances }).argv.slice(4), ["ens32", "51", "master"]);
    assert.deepEqual(settleSync(wanted, { instances: {} }).argv.slice(4), ["ens32", "51", "backup"]);
  });
  test("is none where the configuration has none", () =>
    assert.deepEqual(settleSync(none, { instances }).argv.slice(4), []));
  test("is in step when it is there as wanted, or not there as wanted", () => {
    assert.equal(inStep(wanted, daemon), true);
    assert.equal(inStep(none), true);
  });
  test("is not in step when it is another, missing, or one too many", () => {
    assert.equal(inStep(wanted, daemon.replace("syncid=51", "syncid=5")), false);
    assert.equal(inStep(wanted.replace("id 51", "id 5"), daemon), false);
    assert.equal(inStep(wanted, daemon, daemon.replace("ens32", "ens33")), false);
    assert.equal(inStep(wanted), false);
    assert.equal(inStep(none, daemon), false);
  });
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
      assert.deepEqual(is.undecided, each.undecided ?? []);
      assert.equal(is.reloadCheck, each.reloadCheck ?? false);
      for (const line of each.down) assert.equal(asked("isDown", line), true, line);
      for (const line of each.up) assert.equal(asked("isDown", line), false, line);
      for (const line of each.failing ?? []) assert.equal(asked("fails", line), true, line);
      for (const line of each.healthy ?? []) assert.equal(asked("fails", line), false, line);
    });
  }
});

describe("a check, as keepalived calls it,", () => {
  const check = "[192.0.2.1]:tcp:80 -> [2001:db8::2]:tcp:80";
  test("is one of its real server, in its service", () => {
    assert.equal(isCheckOf(check, "[2001:db8::2]:80"), true);
    assert.equal(isCheckOf(check, "[2001:db8::2]:80", "tcp 192.0.2.1:80"), true);
    assert.equal(isCheckOf("FWM 7 -> [192.0.2.13]:tcp:80", "192.0.2.13:80", "fwmark 7"), true);
  });
  test("is none of another real server, port or service", () => {
    assert.equal(isCheckOf(check, "[2001:db8::2]:8080"), false);
    assert.equal(isCheckOf(check, "192.0.2.2:80"), false);
    assert.equal(isCheckOf(check, "[2001:db8::2]:80", "tcp 192.0.2.11:80"), false);
    assert.equal(isCheckOf(check, "[2001:db8::2]:80", "fwmark 7"), false);
    assert.equal(isCheckOf("FWM 77 -> [192.0.2.13]:tcp:80", "192.0.2.13:80", "fwmark 7"), false);
  });
});
