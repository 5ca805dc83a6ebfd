import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { difference, halfOpen, read, rules } from "../../../infra/linux/ipvs.js";
import type { Table } from "../../../infra/plan/types.js";
import { casesOf, printed, shown } from "./case-files.js";

describe("reading the kernel's IPVS table", () => {
  for (const each of casesOf<{ title: string; printed: string; table?: Table; throws?: string }>("ipvs", "read")) {
    test(each.title, () => {
      const { steps, parse } = read();
      const results = printed(steps, [each.printed]);
      if (each.throws === undefined) assert.deepEqual(parse(results), each.table);
      else assert.throws(() => parse(results), new RegExp(each.throws));
    });
  }

  test("a table written as rules and read again is the same table", () => {
    for (const { table } of casesOf<{ title: string; table?: Table }>("ipvs", "read")) {
      if (table === undefined) continue;
      const { steps, parse } = read();
      assert.deepEqual(
        parse(printed(steps, [["ipvsadm", ...rules(table)].map((line) => `${line}\n`).join("")])),
        table,
      );
    }
  });
});

describe("the way from one table to another", () => {
  for (const each of casesOf<{ title: string; have: Table; want: Table; rules: string[] }>("ipvs", "difference")) {
    test(each.title, () => {
      const { changes, steps } = difference(each.have, each.want);
      assert.deepEqual(
        steps.map(shown).map((words) => words.join(" ")),
        each.rules.map((rule) => `ipvsadm ${rule}`),
      );
      assert.equal(changes.length, steps.length);
    });
  }
});

describe("connections that got no further than the client's SYN", () => {
  test("are counted by real server", () => {
    const { steps, parse } = halfOpen();
    const list = [
      "IPVS connection entries",
      "pro expire state       source             virtual            destination",
      "TCP 00:57  SYN_RECV    203.0.113.50:51587 192.0.2.100:80     192.0.2.21:80",
      "TCP 00:58  SYN_RECV    203.0.113.50:51589 192.0.2.100:80     192.0.2.21:80",
      "TCP 01:57  FIN_WAIT    203.0.113.50:51588 192.0.2.100:80     192.0.2.22:80",
      "TCP 00:59  SYN_RECV    [2001:db8::50]:51590 [2001:db8::100]:80 [2001:db8::21]:80",
      "IP  04:59  NONE        203.0.113.50:0     192.0.2.100:80     192.0.2.22:80",
      "",
    ];
    assert.deepEqual(parse(printed(steps, [list.join("\n")])), { "192.0.2.21:80": 2, "[2001:db8::21]:80": 1 });
  });
});
