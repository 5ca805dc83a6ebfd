import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { compile } from "./batch.js";
import { Failure } from "./errors.js";
import { exchange, type Shell, type ShellEnd } from "./exchange.js";
import { outcome } from "./outcome.js";
import type { Host, RunOptions, Step, StepResult } from "./types.js";

const address = "this machine";

/** This very machine as a host: the same batches, run by its own sh as the user of this process. */
export function localHost(name = "localhost", shell = ["/bin/sh"]): Host {
  return {
    name,
    async run(steps: Step[], options: RunOptions = {}): Promise<StepResult[]> {
      if (steps.length === 0) return [];
      options.signal?.throwIfAborted();
      const batch = compile(steps, randomBytes(16).toString("hex"));
      try {
        const how = { elevation: { by: "none" }, user: "this user" } as const;
        return outcome({ host: name, address }, batch, await exchange(start(shell), batch, how, options), []);
      } catch (error) {
        throw error instanceof Failure ? error.named(name, address) : error;
      }
    },
  };
}

/** Detached: an interrupt at the terminal must not end a batch half-way. */
function start(argv: string[]): Shell {
  const child = spawn(argv[0] ?? "/bin/sh", argv.slice(1), { detached: true, stdio: "pipe" });
  const ended = new Promise<ShellEnd>((resolve) => {
    child.once("error", (error) => resolve({ lost: error.message }));
    child.once("close", (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });
  const abandon = (): void => {
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    child.unref();
  };
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    answered: () => child.unref(),
    abandon,
  };
}
