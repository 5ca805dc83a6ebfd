import { setTimeout as delay } from "node:timers/promises";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import type { Dialled } from "./dial.js";
import { Failure } from "./errors.js";
import { race } from "./race.js";
import type { Shell, ShellEnd } from "./exchange.js";
import { Limiter } from "./limiter.js";

/** How a link is kept: numbers that tests shorten. */
export interface LinkTuning {
  /** Milliseconds between two questions whether the host is still there. */
  keepaliveMs: number;
  /** Unanswered questions after which the link counts as lost. */
  keepaliveMisses: number;
  /** Shells at a time; sshd's MaxSessions is 10. */
  channels: number;
  /** Milliseconds within which the host must open a channel. */
  openMs: number;
}

/** What ssh2 gives when the host does not open a channel. */
type OpenError = Error & { reason?: number | string };
const prohibited = 1;

/**
 * One logged-in connection. While nothing runs over it, it does not keep the process alive. It asks the host for a
 * sign of life only while something runs; before that, opening a channel is the question.
 */
export class Link {
  /** Why the link is of no use any more. */
  lost?: string;
  /** True once sudo has said that it works at a terminal only. */
  wantsTty = false;
  readonly closed: Promise<void>;
  private readonly client: Client;
  private readonly stream: Duplex;
  private readonly slots: Limiter;
  private holders = 0;
  private served = false;
  private resolveClosed!: () => void;
  private keepalive?: NodeJS.Timeout;

  constructor(
    dialled: Dialled,
    private readonly tuning: LinkTuning,
    private readonly jump?: Link,
  ) {
    this.client = dialled.client;
    this.stream = dialled.stream;
    this.slots = new Limiter(tuning.channels);
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
    this.client.on("error", (error) => this.drop(error.message));
    this.client.on("end", () => this.gone("closed by the host"));
    this.client.on("close", () => this.gone("closed"));
    this.rest();
  }

  /** Starts a shell, at a terminal if asked for, waiting for a free channel; a {@link Failure} that is `unsent` asks for another link. */
  async shell(command: string, tty: boolean, signal?: AbortSignal): Promise<Shell> {
    this.hold();
    try {
      for (let attempt = 0; ; attempt++) {
        await this.slots.enter(signal);
        try {
          const end: ShellEnd = {};
          const channel = await this.open<ClientChannel>((done) =>
            this.client.exec(command, { pty: tty }, (error, opened) => {
              // Not after the wait: the packet that opens a channel may bring its exit code along.
              if (!error) noteEnd(opened, end);
              done(error, opened);
            }),
          );
          this.served = true;
          return this.wrap(channel, end);
        } catch (error) {
          const others = this.slots.active - 1;
          this.slots.leave();
          if (error instanceof Failure) throw error;
          if (this.lost !== undefined) throw this.broken(error);
          // MaxSessions is lower than ours, or sessions that have just ended still count.
          if (others > 0) this.slots.shrink(others);
          else if (attempt >= 5) throw this.refused(error);
          else await delay(20 * 2 ** attempt, undefined, { signal });
        }
      }
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** A TCP connection from this (jump) host to another one. */
  async forward(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
    try {
      // The jump host answers only when the other one did: its silence tells nothing about this link.
      return await this.open<Duplex>((done) => this.client.forwardOut("127.0.0.1", 0, host, port, done), signal);
    } catch (error) {
      if (signal.aborted || error instanceof Failure) throw error;
      const { reason, message } = error as OpenError;
      const why = message.replace(/^\(SSH\) Channel open failure: /, "");
      if (reason === prohibited) {
        const next = "allow it in the jump host's sshd_config (AllowTcpForwarding, PermitOpen)";
        throw new Failure("jump", `jump host refuses to forward to ${host}:${port} (${why})`, next, { cause: error });
      }
      const next = `see that the host is up and that the jump host reaches port ${port} on it`;
      const what = `no TCP connection from the jump host (${why})`;
      throw new Failure("unreachable", what, next, { cause: error, transient: true });
    }
  }

  /** Keeps the process alive, and this link under watch, until {@link release}. */
  hold(): void {
    this.jump?.hold();
    if (this.holders++ > 0) return;
    if (this.stream instanceof Socket) this.stream.ref();
    let missed = 0;
    this.keepalive = setInterval(() => {
      if (missed++ >= this.tuning.keepaliveMisses) {
        this.drop(`no sign of life for ${(this.tuning.keepaliveMs * this.tuning.keepaliveMisses) / 1000} s`);
        return;
      }
      try {
        // A request that changes nothing and must be answered (RFC 4254, 4 and 7.1): what is not forwarded cannot be cancelled.
        this.client.unforwardIn("pulumi-lvs-keepalive", 1, () => (missed = 0));
      } catch (error) {
        this.drop((error as Error).message);
      }
    }, this.tuning.keepaliveMs);
  }

  release(): void {
    this.jump?.release();
    if (--this.holders === 0) this.rest();
  }

  /** Ends the link; shells on it see it as lost at once, also when the other side never says that it is closed. */
  drop(why: string): void {
    this.gone(why);
    this.client.end();
    this.stream.destroy();
  }

  private gone(why: string): void {
    this.lost ??= why;
    clearInterval(this.keepalive);
    this.resolveClosed();
  }

  private rest(): void {
    clearInterval(this.keepalive);
    if (this.stream instanceof Socket) this.stream.unref();
  }

  /** `signal`: gives up waiting for the channel; without it, a host that does not answer in time ends the link. */
  private async open<T extends Duplex>(
    start: (done: (error: Error | undefined, channel: T) => void) => void,
    signal?: AbortSignal,
  ): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const opening = new Promise<T>((resolve, reject) => {
      if (signal === undefined) {
        timer = setTimeout(() => {
          this.drop(`no channel within ${this.tuning.openMs / 1000} s`);
          reject(this.broken());
        }, this.tuning.openMs);
      }
      void this.closed.then(() => reject(this.broken()));
      start((error, channel) => {
        if (error !== undefined && error !== null) reject(error);
        else if (signal?.aborted === true) channel.destroy();
        else resolve(channel);
      });
    });
    try {
      return await race(opening, signal);
    } catch (error) {
      if (error instanceof Failure || signal?.aborted === true) throw error;
      const { reason, message } = error as OpenError;
      // A refusal has a reason or ssh2's word for it; what else goes wrong here is a connection that ended unseen.
      if (reason !== undefined || (message === "Unable to exec" && this.lost === undefined)) throw error;
      this.drop(message);
      throw this.broken(error);
    } finally {
      clearTimeout(timer);
    }
  }

  private broken(cause?: unknown): Failure {
    const next = "see that the host is up and run again";
    return new Failure("lost", `connection lost (${this.lost ?? "closed"}) before the batch was sent`, next, {
      cause,
      unsent: true,
    });
  }

  /** Sessions of batches that were given up may hold every place: another link has places of its own. */
  private refused(cause: unknown): Failure {
    const unsent = this.served;
    if (unsent) this.drop("no free session");
    const next = "raise MaxSessions in the host's sshd_config (at least 1; 10 is its default)";
    return new Failure("protocol", `host opens no session (${(cause as Error).message})`, next, { cause, unsent });
  }

  private wrap(channel: ClientChannel, end: ShellEnd): Shell {
    let held = true;
    const free = (): void => {
      if (!held) return;
      held = false;
      this.slots.leave();
      this.release();
    };
    const channelClosed = new Promise<void>((resolve) => channel.once("close", resolve));
    // Not with the answer: sshd frees a session only when its shell has ended.
    const over = Promise.race([channelClosed, this.closed]).then(free);
    const ended = over
      .then(() => new Promise<void>((resolve) => setImmediate(resolve)))
      .then((): ShellEnd => (this.lost === undefined || end.code !== undefined ? end : { lost: this.lost }));
    const abandon = (): void => {
      channel.resume();
      channel.stderr.resume();
      channel.close();
      // Its shell may run on for long: nobody waits for its place.
      free();
    };
    const answered = (): void => {
      const timer = setTimeout(abandon, this.tuning.openMs).unref();
      void over.then(() => clearTimeout(timer));
    };
    return { stdin: channel, stdout: channel, stderr: channel.stderr, ended, answered, abandon };
  }
}

/** Keeps in `end` how the shell of a channel ends. */
function noteEnd(channel: ClientChannel, end: ShellEnd): void {
  channel.on("exit", (code: number | null, signal?: string) => {
    end.code = code ?? undefined;
    end.signal = signal;
  });
}
