import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { traffic, type Traffic } from "../../../infra/linux/traffic.js";
import { casesOf, printed } from "./case-files.js";

describe("reading what goes through IPVS", () => {
  for (const each of casesOf<{ title: string; printed: string[]; traffic?: Traffic; throws?: string }>("traffic"))
    test(each.title, () => {
      const { steps, parse } = traffic();
      const results = printed(steps, [each.printed.map((line) => `${line}\n`).join("")]);
      if (each.throws === undefined) assert.deepEqual(parse(results), each.traffic);
      else assert.throws(() => parse(results), new RegExp(each.throws));
    });
});
