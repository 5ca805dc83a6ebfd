import { randomInt } from "node:crypto";
import { describe, test } from "node:test";
import { properties } from "../fuzz/properties.js";
import { fuzz } from "../fuzz/run.js";

// Other cases each time; the seed is printed, and repeats them.
const seed = Number(process.env["FUZZ_SEED"] ?? randomInt(2 ** 31));
const cases = Number(process.env["FUZZ_CASES"] ?? 20_000);

describe("the stack file, fuzzed for long", () => {
  for (const property of properties) test(property.title, (t) => fuzz(t, property, cases, seed));
});
