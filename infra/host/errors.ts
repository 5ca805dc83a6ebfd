import { displayArgv, tail, visible } from "./text.js";
import type { HostErrorKind, StepResult } from "./types.js";

/** What {@link HostError} is made of. */
export interface HostErrorParts {
  kind: HostErrorKind;
  /** The name people use for the host. */
  host: string;
  /** `198.18.1.11:22`, or `this machine`. */
  address: string;
  /** What went wrong, one sentence without its full stop. */
  what: string;
  /** What the user should do, one sentence without its full stop. */
  next: string;
  cause?: unknown;
}

/** A host could not do what was asked; `kind` says why, `next` what to do. Messages never hold a secret. */
export class HostError extends Error {
  readonly kind: HostErrorKind;
  readonly host: string;
  readonly address: string;
  readonly next: string;

  constructor(parts: HostErrorParts, message?: string) {
    // Hosts may say anything, also what a terminal would act on.
    super(visible(message ?? `${parts.host} (${parts.address}): ${parts.what}. Next: ${parts.next}.`), {
      cause: parts.cause,
    });
    this.name = "HostError";
    this.kind = parts.kind;
    this.host = parts.host;
    this.address = parts.address;
    this.next = parts.next;
  }
}

/** A command exited with a code that is not accepted (`command`), or had to be ended at its limit (`timeout`). */
export class CommandError extends HostError {
  readonly argv: string[];
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;

  constructor(where: { host: string; address: string }, result: StepResult, endedAfterSeconds?: number) {
    const command = displayArgv(result.argv);
    const what =
      endedAfterSeconds === undefined
        ? `"${command}" exited ${result.code}`
        : `"${command}" was ended after its limit of ${endedAfterSeconds} s`;
    const said = tail(result.stderr.trim() === "" ? result.stdout : result.stderr);
    super(
      {
        kind: endedAfterSeconds === undefined ? "command" : "timeout",
        host: where.host,
        address: where.address,
        what,
        next: "see what the command printed, put it right on the host and run again",
      },
      `${where.host}: ${what}${said === "" ? "" : `\n${said}`}`,
    );
    this.name = "CommandError";
    this.argv = result.argv;
    this.code = result.code;
    this.stdout = result.stdout;
    this.stderr = result.stderr;
  }
}

/**
 * A failure below the layer that knows the host's name (connections are shared between names); {@link named} makes a
 * {@link HostError} of it.
 */
export class Failure extends Error {
  constructor(
    readonly kind: HostErrorKind,
    readonly what: string,
    readonly next: string,
    /** `transient`: worth another dial. `unsent`: nothing of the batch had left, so it may be sent again.
     * `wantsTty`: so it may at a terminal. */
    readonly traits: { cause?: unknown; transient?: boolean; unsent?: boolean; wantsTty?: boolean } = {},
  ) {
    super(what, { cause: traits.cause });
    this.name = "Failure";
  }

  named(host: string, address: string): HostError {
    return new HostError({
      kind: this.kind,
      host,
      address,
      what: this.what,
      next: this.next,
      cause: this.traits.cause,
    });
  }
}
