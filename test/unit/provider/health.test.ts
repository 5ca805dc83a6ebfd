import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { State } from "../../../infra/linux/keepalived.js";
import type { Table, TableService } from "../../../infra/plan/types.js";
import { expected, stateOf, withUnhealthy } from "../../../infra/provider/health.js";

const key = "tcp 192.0.2.1:80";
const dr = (weight: number) => ({ forwarding: "dr" as const, weight });
const pool = { "192.0.2.11:80": dr(1), "192.0.2.12:80": dr(2) };
const sorry = { "192.0.2.99:80": dr(1) };
const wanted = (more: Partial<TableService> = {}): Table => ({
  [key]: { scheduler: "rr", realServers: pool, ...more },
});
const kernel = (realServers: TableService["realServers"]): Table => ({ [key]: { scheduler: "rr", realServers } });

/** A daemon that keeps some real servers out, and whose checks of some fail. */
const daemon = (down: string[] = [], failing: string[] = down): State => ({
  alive: true,
  instances: {},
  isDown: (service, realServer) => service === key && down.includes(realServer),
  fails: (service, realServer) => service === key && failing.includes(realServer),
  undecided: [],
  reloadCheck: false,
});
const [first, second] = Object.keys(pool) as [string, string];

describe("the table that keepalived must have made", () => {
  test("is the wanted one while every check succeeds", () => {
    assert.deepEqual(expected(wanted(), daemon()), kernel(pool));
  });
  test("is without a real server whose check fails", () => {
    assert.deepEqual(expected(wanted(), daemon([first])), kernel({ [second]: dr(2) }));
  });
  test("has it with weight 0 under inhibition", () => {
    const table = expected(wanted({ inhibitOnFailure: true }), daemon([], [first]));
    assert.deepEqual(table, kernel({ [first]: dr(0), [second]: dr(2) }));
  });
  test("is the sorry server alone once keepalived has taken all others out", () => {
    assert.deepEqual(expected(wanted({ sorryServer: sorry }), daemon([first, second])), kernel(sorry));
    assert.deepEqual(expected(wanted({ sorryServer: sorry }), daemon([first])), kernel({ [second]: dr(2) }));
  });
  test("is empty without a sorry server", () => {
    assert.deepEqual(expected(wanted(), daemon([first, second])), kernel({}));
  });
});

describe("a refresh", () => {
  const seen = (want: Table, is: Table, state: State) => withUnhealthy(is, want, state);

  test("takes what only checks have changed for the wanted table", () => {
    const want = wanted({ sorryServer: sorry, inhibitOnFailure: true });
    assert.deepEqual(seen(want, kernel({ [second]: dr(2) }), daemon([first])), want);
    assert.deepEqual(seen(want, kernel(sorry), daemon([first, second])), want);
    assert.deepEqual(seen(want, kernel({ [first]: dr(0), [second]: dr(2) }), daemon([], [first])), want);
  });
  test("shows what somebody changed beside that, and nothing else", () => {
    const want = wanted();
    assert.deepEqual(seen(want, kernel({ [second]: dr(7) }), daemon([first])), kernel({ ...pool, [second]: dr(7) }));
    assert.deepEqual(seen(want, kernel({ [second]: dr(2) }), daemon()), kernel({ [second]: dr(2) }));
    assert.deepEqual(seen(want, kernel({ ...pool, "192.0.2.66:80": dr(1) }), daemon()), {
      [key]: { scheduler: "rr", realServers: { ...pool, "192.0.2.66:80": dr(1) } },
    });
  });
  test("shows services of others and misses those that are gone", () => {
    const other: Table = { "udp 192.0.2.1:53": { scheduler: "wlc", realServers: {} } };
    assert.deepEqual(seen(wanted(), { ...kernel(pool), ...other }, daemon()), { ...wanted(), ...other });
    assert.deepEqual(seen(wanted(), {}, daemon()), {});
  });
  test("misses what a service has no more", () => {
    const want = wanted({ persistenceTimeout: 60, inhibitOnFailure: true });
    assert.deepEqual(seen(want, kernel(pool), daemon()), wanted({ inhibitOnFailure: true }));
  });
  test("shows another scheduler or persistence as it is", () => {
    const is: Table = { [key]: { scheduler: "wrr", persistenceTimeout: 60, realServers: pool } };
    assert.deepEqual(seen(wanted(), is, daemon()), is);
  });
});

test("a director without keepalived has nobody to ask, and no real server is down there", () => {
  const { steps, parse } = stateOf("ipvsadm");
  assert.deepEqual(steps, []);
  assert.equal(parse([]).isDown(key, first), false);
  assert.equal(stateOf("keepalived").steps.length, 1);
});
