import { describe, test } from "node:test";
import { properties } from "../../fuzz/properties.js";
import { fuzz } from "../../fuzz/run.js";

// The same cases each time, so that a failure comes with the change that caused it; `npm run test:long` draws others.
const seed = Number(process.env["FUZZ_SEED"] ?? 20_260_101);
const cases = Number(process.env["FUZZ_CASES"] ?? 1500);

describe("the stack file, fuzzed", () => {
  for (const property of properties) test(property.title, (t) => fuzz(t, property, cases, seed));
});
