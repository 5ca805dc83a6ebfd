import type { Host, Step, StepResult } from "../host/types.js";
import type { Context } from "./kind.js";

/**
 * Runs steps that need files on the host for a moment, and gives their results. The files go in every case: at the end of
 * the batch, and by another one when a step has failed, for that ends its batch. They may hold keys.
 */
export async function withPassingFiles(
  context: Pick<Context, "signal" | "warn">,
  host: Host,
  paths: string[],
  steps: Step[],
): Promise<StepResult[]> {
  const remove: Step = { argv: ["rm", "-f", "--", ...paths] };
  try {
    return (await host.run([...steps, remove], { signal: context.signal })).slice(0, steps.length);
  } catch (error) {
    // An interrupted batch goes on over there, to its own end.
    if (!context.signal.aborted)
      await host.run([remove]).catch((cause: unknown) => {
        context.warn(
          `${host.name}: ${paths.join(", ")} may have been left there (${(cause as Error).message}). Remove it, or run up again.`,
        );
      });
    throw error;
  }
}
