import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arriving } from "../../../../infra/provider/director/arrive.js";
import { leaving, nameOf } from "../../../../infra/provider/director/drain.js";
import type { Table } from "../../../../infra/plan/types.js";

const web = "tcp 192.0.2.1:80";
const dr = { forwarding: "dr", weight: 1 } as const;
const table = (realServers: string[], more: Partial<Table[string]> = {}): Table => ({
  [web]: { scheduler: "rr", realServers: Object.fromEntries(realServers.map((each) => [each, dr])), ...more },
});
const conf = (...realServers: string[]) =>
  `virtual_server 192.0.2.1 80 {\n${realServers.map((each) => `real_server ${each.replace(":", " ")} {\nweight 1\n}\n`).join("")}}\n`;
const [one, two] = ["192.0.2.11:80", "192.0.2.12:80"];

describe("a real server leaves", () => {
  test("when the kernel has it and the table that is wanted has not", () => {
    assert.deepEqual(leaving(table([one, two]), table([one])), [{ service: web, realServer: two, entry: dr }]);
  });
  test("not with its whole service, nor when it stands in for the pool", () => {
    assert.deepEqual(leaving(table([one]), {}), []);
    assert.deepEqual(leaving(table([two]), table([one], { sorryServer: { [two]: dr } })), []);
  });
});

describe("a real server comes", () => {
  test("when only the new configuration lists it, for a service that serves", () => {
    assert.deepEqual(arriving(conf(one), conf(one, two), table([one])), { [web]: [two] });
  });
  test("not with a new service, nor where there is nobody yet to lose a request", () => {
    assert.deepEqual(arriving("", conf(one, two), {}), {});
    assert.deepEqual(arriving(conf(one), conf(one, two), table([])), {});
  });
});

test("a real server is called by its name, whatever family its address has", () => {
  const change = { names: { "192.0.2.11": "rs1", "2001:db8::11": "rs1" }, drainSeconds: 1, checkSeconds: 1 };
  assert.equal(nameOf("192.0.2.11:80", change), "rs1");
  assert.equal(nameOf("[2001:db8::11]:80", change), "rs1");
  assert.equal(nameOf("192.0.2.99:80", change), "192.0.2.99");
});
