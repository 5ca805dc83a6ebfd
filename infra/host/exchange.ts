import type { Readable, Writable } from "node:stream";
import type { Batch } from "./batch.js";
import { type Elevation, goOf, promptOf, readyOf, sudoFailure, sudoRefusedPassword, waits } from "./elevation.js";
import { Failure } from "./errors.js";
import { type Answer, AnswerReader } from "./frames.js";
import { displayArgv, excerpt, redact } from "./text.js";
import type { RunOptions } from "./types.js";

/** A started shell, over SSH or on this machine. */
export interface Shell {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** Settles when the shell has ended and all its output was read, or when the link to it broke. */
  ended: Promise<ShellEnd>;
  /** Its answer is here: a shell that does not end by itself is given up after a while, so that it holds no place. */
  answered(): void;
  /** Stops listening; what runs on the host goes on. */
  abandon(): void;
}

/** How a shell ended: exit code, signal, or why the link broke. */
export interface ShellEnd {
  code?: number;
  signal?: string;
  lost?: string;
}

const stderrLimit = 8192;

/** Sends a batch to a shell and reads its answer. Throws a {@link Failure}; or the reason of `signal`, when it aborts. */
export async function exchange(
  shell: Shell,
  batch: Batch,
  how: { elevation: Elevation; user: string },
  options: RunOptions = {},
): Promise<Answer> {
  const { nonce } = batch;
  let running: number | undefined;
  let stderr = "";
  let asked = 0;
  let ready = !waits(how.elevation);
  let before = "";
  const atTerminal = "tty" in how.elevation && how.elevation.tty === true;
  const reader = new AnswerReader(batch, (index, told) => {
    running = index;
    const title = batch.steps[index]?.title ?? "";
    options.onStep?.(told === undefined ? title : `${title}: ${told}`);
  });
  let stop: (() => void) | undefined;
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const guarded = (job: () => void) => () => {
        try {
          job();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const limit = setTimeout(() => reject(late(batch, running, reader.begun)), batch.limitMs);
      const aborted = (): void => reject(options.signal?.reason as Error);
      options.signal?.addEventListener("abort", aborted, { once: true });
      stop = () => {
        clearTimeout(limit);
        options.signal?.removeEventListener("abort", aborted);
      };
      /** Answers sudo's question, if `said` ends with one; gives what was said since. */
      const question = (said: string): string => {
        if (ready || how.elevation.by !== "sudo-password" || !asks(said, nonce)) return said;
        asked++;
        if (asked > 1) reject(sudoRefusedPassword(how.user));
        else shell.stdin.write(`${how.elevation.password}\n`);
        return "";
      };
      // A shell that went away is told by `ended`; the pipe's own error says less.
      for (const stream of [shell.stdin, shell.stdout, shell.stderr]) stream.on("error", () => undefined);
      shell.stdout.on("data", (chunk: Buffer) =>
        guarded(() => {
          if (!ready) {
            before = (before + chunk.toString("latin1")).slice(-noiseKept);
            if (!before.includes(`\n${readyOf(nonce)}\n`)) {
              // At a terminal there is one stream for both.
              if (atTerminal) before = question(before);
              return;
            }
            ready = true;
            shell.stdin.write(`${goOf(nonce)}\n`);
            shell.stdin.end(batch.script);
            return;
          }
          reader.push(chunk);
          if (reader.answer !== undefined) resolve(reader.answer);
        })(),
      );
      shell.stderr.on("data", (chunk: Buffer) => {
        stderr = question((stderr + chunk.toString("utf8")).slice(-stderrLimit));
      });
      void shell.ended.then((end) =>
        guarded(() => {
          const said = atTerminal && !ready ? before : stderr;
          throw unfinished(batch, how, end, { running, begun: reader.begun, rest: reader.rest(), stderr: said });
        })(),
      );
      if (options.signal?.aborted) aborted();
      else if (ready) shell.stdin.end(batch.script);
    });
  } catch (error) {
    shell.abandon();
    throw error;
  } finally {
    stop?.();
  }
}

const noiseKept = 4096;

/**
 * sudo asks without a newline; PAM modules may use words of their own instead of ours. A warning of sudo's own is no question,
 * although it may come in pieces that end in a colon (`sudo: unable to resolve host rs1: Name or service not known`).
 */
function asks(stderr: string, nonce: string): boolean {
  const line = stderr.slice(stderr.lastIndexOf("\n") + 1);
  return line.includes(promptOf(nonce)) || (/:\s*$/.test(line) && !line.startsWith("sudo: "));
}

function unfinished(
  batch: Batch,
  how: { elevation: Elevation; user: string },
  end: ShellEnd,
  seen: { running?: number; begun: boolean; rest: Buffer; stderr: string },
): Failure {
  if (end.lost !== undefined) {
    return new Failure(
      "lost",
      `connection lost (${end.lost}) ${during(batch, seen.running, seen.begun)}; what had begun goes on on the host`,
      "see that the host is up and run again: what is done already is found and left alone",
    );
  }
  if (!seen.begun && how.elevation.by !== "none") {
    return sudoFailure(how.elevation, how.user, seen.stderr, end.code);
  }
  const stderr = batch.steps.reduce((text, { stdin }) => redact(text, stdin), seen.stderr);
  const printed = excerpt(Buffer.concat([seen.rest, Buffer.from(stderr)]));
  return new Failure(
    "protocol",
    `shell ended ${end.signal === undefined ? `with code ${end.code ?? "unknown"}` : `by ${end.signal}`} ` +
      `${during(batch, seen.running, seen.begun)}, without an answer${printed === "" ? "" : ` ("${printed}")`}`,
    seen.begun
      ? "see what ended it (memory, an administrator), then run again"
      : `see that ${how.user} may log in and that /bin/sh is a POSIX shell`,
  );
}

function late(batch: Batch, running: number | undefined, begun: boolean): Failure {
  return new Failure(
    "timeout",
    `no answer within ${Math.round(batch.limitMs / 1000)} s ${during(batch, running, begun)}`,
    "see what the host is busy with; it ends the commands at their own limits",
  );
}

function during(batch: Batch, running: number | undefined, begun: boolean): string {
  if (!begun) return "before the batch began";
  const step = running === undefined ? undefined : batch.steps[running];
  return step === undefined
    ? `during a batch of ${batch.steps.length} (first: "${displayArgv(batch.steps[0]?.argv ?? [], 80)}")`
    : `during or after "${step.title}"`;
}
