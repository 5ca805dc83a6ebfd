import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { directorSteps, hostSteps, proxySteps } from "../../../infra/provider/foretell.js";
import type { DirectorInputs } from "../../../infra/provider/director/inputs.js";
import { planCluster, planProxy } from "../../../infra/render/index.js";
import { checkedProxy, proxyPair } from "../plan/proxy-variants.js";
import { caseOne, changed, checked, type Change } from "../spec/case-1.js";

/** The inputs of director-a as the component gives them. */
function inputs(change: Change = {}, more: Partial<DirectorInputs> = {}): DirectorInputs {
  const { daemon, ...plan } = planCluster(checked(changed(caseOne().cluster, change))).directors["director-a"]!;
  void daemon;
  return {
    host: "director-a",
    secrets: { auth_pass: "one" },
    peers: [{ name: "director-b", connection: { host: "b" } }],
    ...plan,
    ...more,
  };
}
const steps = (change: Change, more: Partial<DirectorInputs> = {}, running = true) =>
  directorSteps(inputs(), inputs(change, more), running)
    .slice(1)
    .map((line) => line.replace(/^director-a, step \d of \d: /, ""));

describe("a preview says of a director", () => {
  test("that a changed weight is judged and reloaded, in this order", () => {
    assert.deepEqual(directorSteps(inputs(), inputs({ set: { "/realServers/0/weight": 3 } }), true), [
      "director-a: files, table and daemon are taken from the state, as the last up or refresh left them; the host was not asked.",
      "director-a, step 1 of 2: keepalived -t judges the new configuration there; nothing is replaced when it refuses.",
      "director-a, step 2 of 2: keepalived reloads: no connection is interrupted.",
    ]);
  });
  test("that a real server which leaves is waited for, by the name that only the state still knows", () => {
    assert.match(
      steps({ set: { "/realServers": caseOne().cluster.realServers.slice(0, 1) } }).join("\n"),
      /^rs2 at weight 0 until the connections there have ended, at most 60 s/m,
    );
  });
  test("that a new password is changed with one director alone", () => {
    assert.match(
      steps({}, { secrets: { auth_pass: "two" } }).join("\n"),
      /the directors must agree .* One master all the time/,
    );
  });
  test("that a daemon which does not run is started", () => {
    assert.deepEqual(steps({}, {}, false), [
      "keepalived is started: where no other director serves, clients wait until then.",
    ]);
  });
  test("that only the kernel's table is put right, when only that has drifted", () => {
    assert.deepEqual(steps({}), ["the kernel's table is brought to what it must be: no connection is interrupted."]);
  });
});

describe("a preview says of a host", () => {
  const facts = { distribution: "debian", version: "12", family: "debian", kernel: "6.1", systemd: "252" };
  test("which facts are from the state, what restarts, and what may interrupt", () => {
    const units = { "nginx.service": { enabled: true, active: true, restartOn: ["/etc/nginx.conf"] } };
    assert.deepEqual(
      hostSteps(['files["/etc/nginx.conf"].content', 'routes["default"]'], { host: "rs1", units }, facts),
      [
        "rs1: taken from the state, not asked now: debian 12, kernel 6.1.",
        "rs1: restarts nginx.service, which reads a changed file at its start only.",
        "rs1: routes change while the host serves; connections over what is taken away are interrupted.",
      ],
    );
  });
});

describe("a preview says of a director's proxy", () => {
  const proxy = (change: Change = {}, secrets: Record<string, string> = {}) => {
    const plan = planProxy(checkedProxy(changed(proxyPair(), change))).proxies!["director-a"]!;
    return { host: "director-a", secrets, ...plan };
  };
  const told = (change: Change, secrets = {}, running = true) =>
    proxySteps(proxy(), proxy(change, secrets), running).slice(1);

  test("that a change is judged, then taken up by a reload that interrupts nobody", () => {
    const lines = told({ set: { "/drainTimeout": 60 } });
    assert.equal(lines.length, 2);
    assert.match(lines[0]!, /^director-a, step 1 of 2: haproxy judges/);
    assert.match(lines[1]!, /^director-a, step 2 of 2: haproxy reloads: .* none is interrupted\.$/);
  });
  test("that a new key is such a change, and no word of it", () => {
    const lines = told({}, { key: "hunter2" });
    assert.equal(lines.length, 2);
    assert.doesNotMatch(lines.join(), /hunter2/);
  });
  test("that one which does not run is started", () => {
    assert.match(
      told({}, {}, false).join(),
      /haproxy is started: keepalived gives its director the VIPs once it answers/,
    );
  });
});
