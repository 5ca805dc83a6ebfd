import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { compile, usualMarginMs } from "./batch.js";
import { type AnyConnection, addressOf, describe, identityOf, portOf, userOf } from "./connection.js";
import { dialOnce } from "./dial.js";
import { elevationOf, shellCommand } from "./elevation.js";
import { Failure } from "./errors.js";
import { exchange } from "./exchange.js";
import { Limiter } from "./limiter.js";
import { Link, type LinkTuning } from "./link.js";
import { outcome } from "./outcome.js";
import { race } from "./race.js";
import { withSshConfig } from "./ssh-config.js";
import { visible } from "./text.js";
import type { Connection, Host, JumpHost, RunOptions, Step, StepResult } from "./types.js";

/** What the pool tells while it works. */
export interface Hooks {
  /** Something that the user should know and that is no error. */
  warn?: (message: string) => void;
  /** A dial that failed and is tried again. */
  waiting?: (message: string) => void;
}

/** How a pool behaves: numbers that tests shorten. */
export interface PoolTuning extends LinkTuning {
  /** Dials at a time, over all hosts. */
  dials: number;
  /** Milliseconds before the second dial of a host; doubles up to `longestPauseMs`, less a random part. */
  firstPauseMs: number;
  longestPauseMs: number;
  /** Milliseconds beyond the limits of its steps after which a batch is given up. */
  marginMs: number;
}

const usual: PoolTuning = {
  keepaliveMs: 15_000,
  keepaliveMisses: 3,
  channels: 10,
  openMs: 20_000,
  dials: 32,
  firstPauseMs: 250,
  longestPauseMs: 5_000,
  marginMs: usualMarginMs,
};

/** One connection per host for all who ask, dialled when first needed and again when it broke. */
export class Pool {
  private readonly tuning: PoolTuning;
  private readonly links = new Map<string, Promise<Link>>();
  private readonly dials: Limiter;
  private stop = new AbortController();

  constructor(tuning: Partial<PoolTuning> = {}) {
    this.tuning = { ...usual, ...tuning };
    this.dials = new Limiter(this.tuning.dials);
  }

  /** A host over SSH; dials nothing yet. `name` is what messages call it. */
  open(name: string, connection: Connection, hooks: Hooks = {}): Host {
    let resolved: Connection | undefined;
    return {
      name,
      run: async (steps, options = {}) => {
        try {
          // The files of this computer are looked at when the host is first needed, not when a program names it.
          resolved ??= withSshConfig(connection);
          return await this.run({ host: name, address: whereIs(resolved) }, resolved, hooks, steps, options);
        } catch (error) {
          throw error instanceof Failure ? error.named(name, whereIs(resolved ?? connection)) : error;
        }
      },
    };
  }

  /** Ends every connection and every dial; what runs on the hosts goes on. The pool can be used again. */
  async closeAll(): Promise<void> {
    const links = [...this.links.values()];
    this.links.clear();
    this.stop.abort(new Failure("lost", "connections were closed by this process", "run again"));
    this.stop = new AbortController();
    for (const result of await Promise.allSettled(links)) {
      if (result.status === "fulfilled") result.value.drop("closed by this process");
    }
  }

  private async run(
    where: { host: string; address: string },
    connection: Connection,
    hooks: Hooks,
    steps: Step[],
    options: RunOptions,
  ): Promise<StepResult[]> {
    if (steps.length === 0) return [];
    options.signal?.throwIfAborted();
    const batch = compile(steps, randomBytes(16).toString("hex"), this.tuning.marginMs);
    const plain = elevationOf(connection);
    for (let attempt = 0; ; attempt++) {
      const link = await race(this.link(where.host, connection, hooks), options.signal);
      const tty = link.wantsTty && plain.by !== "none";
      const elevation = tty ? { ...plain, tty } : plain;
      const how = { elevation, user: userOf(connection) };
      try {
        const shell = await link.shell(shellCommand(elevation, batch.nonce), tty, options.signal);
        const secrets = [connection.sudoPassword, connection.password];
        const answer = await exchange(shell, batch, how, options);
        shell.answered();
        return outcome(where, batch, answer, secrets);
      } catch (error) {
        if (error instanceof Failure && error.traits.wantsTty === true && !tty) {
          // Nothing has run. All further batches over this link begin with a terminal.
          link.wantsTty = true;
          continue;
        }
        // It broke between two batches: nothing was sent, so another connection may be tried, once.
        if (!(error instanceof Failure && error.traits.unsent === true && attempt === 0)) throw error;
      }
    }
  }

  private async link(name: string, connection: AnyConnection, hooks: Hooks): Promise<Link> {
    const id = identityOf(connection);
    const present = this.links.get(id);
    // A link may have been lost without its entry being gone yet.
    if (present !== undefined && (await present).lost === undefined) return present;
    const again = this.links.get(id);
    if (again !== undefined && again !== present) return again;
    const dialled = this.dial(name, connection, hooks);
    this.links.set(id, dialled);
    const forget = (): void => {
      if (this.links.get(id) === dialled) this.links.delete(id);
    };
    dialled.then((link) => link.closed).then(forget, forget);
    return dialled;
  }

  private async dial(name: string, connection: AnyConnection, hooks: Hooks): Promise<Link> {
    const { signal } = this.stop;
    const limit = connection.dialErrorLimit ?? 5;
    for (let failures = 1; ; failures++) {
      try {
        return await this.attempt(name, connection, hooks, signal);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (!(error instanceof Failure) || error.traits.transient !== true) throw error;
        // -1 means no limit, as in @pulumi/command.
        if (limit >= 0 && failures >= limit) throw failures === 1 ? error : afterAttempts(error, failures);
        hooks.waiting?.(visible(`${name} (${addressOf(connection)}): ${error.what}; attempt ${failures + 1} follows`));
        const pause = Math.min(this.tuning.longestPauseMs, this.tuning.firstPauseMs * 2 ** (failures - 1));
        // The random part keeps many hosts' dials from coming in step.
        await race(delay(pause * (0.5 + Math.random() / 2)), signal);
      }
    }
  }

  private async attempt(name: string, connection: AnyConnection, hooks: Hooks, signal: AbortSignal): Promise<Link> {
    const { proxy } = connection;
    // Outside the dial's own place: places held by those who wait for a jump host could starve its dial.
    const jump = proxy === undefined ? undefined : await this.jump(name, proxy, hooks);
    jump?.hold();
    try {
      const open =
        jump === undefined
          ? undefined
          : (until: AbortSignal) => jump.forward(connection.host, portOf(connection), until);
      const dialled = await this.dials.run(() => dialOnce(connection, open, signal), signal);
      if (connection.insecureIgnoreHostKey === true && connection.hostKey === undefined) {
        hooks.warn?.(
          `${name} (${addressOf(connection)}): host key is not checked (insecureIgnoreHostKey), anyone on the way can read and change everything`,
        );
      }
      return new Link(dialled, this.tuning, jump);
    } finally {
      jump?.release();
    }
  }

  private async jump(name: string, proxy: JumpHost, hooks: Hooks): Promise<Link> {
    const jumpName = `jump host of ${name}`;
    try {
      return await this.link(jumpName, proxy, hooks);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const what = `jump host ${describe(proxy)} failed: ${error.what}`;
      throw new Failure("jump", what, error.next, { cause: error.named(jumpName, addressOf(proxy)) });
    }
  }
}

function afterAttempts(error: Failure, attempts: number): Failure {
  return new Failure(error.kind, `${error.what}, ${attempts} times`, error.next, error.traits);
}

/** Where a host is, and the way to it, for a person. */
function whereIs(connection: Connection): string {
  const { proxy } = connection;
  return `${addressOf(connection)}${proxy === undefined ? "" : ` via ${describe(proxy)}`}`;
}
