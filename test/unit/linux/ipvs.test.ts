import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { difference, read, rules } from "../../../infra/linux/ipvs.js";
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
