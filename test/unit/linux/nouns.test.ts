import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { address } from "../../../infra/linux/address.js";
import { file } from "../../../infra/linux/file.js";
import { link } from "../../../infra/linux/link.js";
import { module } from "../../../infra/linux/module.js";
import type { Noun, Reading } from "../../../infra/linux/noun.js";
import { packages } from "../../../infra/linux/package.js";
import { route } from "../../../infra/linux/route.js";
import { rule } from "../../../infra/linux/rule.js";
import { sysctl } from "../../../infra/linux/sysctl.js";
import { unit } from "../../../infra/linux/unit.js";
import { casesOf, printed, shown } from "./case-files.js";

/** One line of a table: a read with what the host printed, or a way from `have` to `want` or back to `found`. */
interface NounCase {
  title: string;
  read?: { keys: string[]; printed: string[]; steps: string[][]; readings: Record<string, Reading<unknown>> };
  have?: Record<string, Reading<unknown>>;
  want?: Record<string, unknown>;
  found?: Record<string, Reading<unknown>>;
  steps?: string[][];
  inStep?: boolean;
  throws?: string;
}

// Each noun has a Want of its own; the cases are data.
const nouns: Record<string, Noun<any, any>> = {
  address,
  file,
  link,
  module,
  package: packages,
  route,
  rule,
  sysctl,
  unit,
};

for (const [name, noun] of Object.entries(nouns)) {
  const cases = casesOf<NounCase>(name, "table");
  describe(name, () => {
    test("has a case without anything to do and one that cannot be read", () => {
      assert.ok(cases.some(({ have, steps }) => have && steps?.length === 0));
      assert.ok(
        cases.some(({ have, read }) =>
          Object.values(read?.readings ?? have ?? {}).some(({ state }) => state === "unreadable"),
        ),
      );
    });

    for (const each of cases) {
      test(each.title, () => {
        if (each.read) {
          const query = noun.read(each.read.keys);
          assert.deepEqual(query.steps.map(shown), each.read.steps);
          assert.deepEqual(query.parse(printed(query.steps, each.read.printed)), each.read.readings);
          return;
        }
        assert.ok(each.have, "a case has `read` or `have`");
        if (each.throws !== undefined) {
          assert.throws(() => steps(noun, each), new RegExp(each.throws));
          return;
        }
        assert.deepEqual(steps(noun, each).map(shown), each.steps);
        if (each.inStep !== undefined)
          for (const [key, want] of Object.entries(each.want ?? {}))
            assert.equal(noun.equal(each.have[key] ?? { state: "absent" }, want ?? undefined), each.inStep, key);
      });
    }
  });
}

function steps(noun: Noun<unknown>, { have = {}, want, found }: NounCase) {
  // JSON knows no undefined: null is what is not wanted any more.
  const wants = Object.fromEntries(Object.entries(want ?? {}).map(([key, value]) => [key, value ?? undefined]));
  if (found)
    return (
      noun.restoreAll?.(have, found) ??
      Object.entries(found).flatMap(([key, was]) => noun.restore(key, have[key] ?? { state: "absent" }, was))
    );
  return (
    noun.changeAll?.(have, wants) ??
    Object.entries(wants).flatMap(([key, value]) => noun.change(key, have[key] ?? { state: "absent" }, value))
  );
}
