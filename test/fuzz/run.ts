import type { TestContext } from "node:test";
import fc from "fast-check";
import { properties, type Fuzzed, type Tally } from "./properties.js";

/** Runs a property with its share of `cases`; the seed repeats a run, and what it found is told with its smallest input. */
export function fuzz(t: TestContext, property: Fuzzed, cases: number, seed: number): void {
  const tally: Tally = { taken: 0, refused: 0 };
  const whole = properties.reduce((sum, { share }) => sum + share, 0);
  const numRuns = Math.ceil((cases * property.share) / whole);
  t.diagnostic(`seed ${seed}: FUZZ_SEED=${seed} FUZZ_CASES=${cases} repeats it`);
  fc.assert(property.make(tally), {
    numRuns,
    seed,
    // Also for making what was found small, which has no end of its own.
    interruptAfterTimeLimit: 1000 + 100 * cases,
    markInterruptAsFailure: true,
  });
  t.diagnostic(
    `figure: ${numRuns} inputs with seed ${seed}: ${property.title} (${tally.taken} taken, ${tally.refused} refused)`,
  );
}
