import type { Batch } from "./batch.js";
import { accepts, limitOf } from "./batch.js";
import { CommandError } from "./errors.js";
import type { Answer } from "./frames.js";
import { redact } from "./text.js";
import type { StepResult } from "./types.js";

/** The results of a batch, or {@link CommandError} for the step that stopped it; what it printed is rid of secrets. */
export function outcome(
  where: { host: string; address: string },
  batch: Batch,
  answer: Answer,
  secrets: (string | undefined)[],
): StepResult[] {
  const last = answer.results.at(-1);
  const step = batch.steps[answer.results.length - 1];
  if (last === undefined || step === undefined) return answer.results;
  if (!answer.timedOut && accepts(step, last.code)) return answer.results;
  const clean = {
    ...last,
    stdout: redact(last.stdout, step.stdin, secrets),
    stderr: redact(last.stderr, step.stdin, secrets),
  };
  throw new CommandError(where, clean, answer.timedOut ? limitOf(step) : undefined);
}
