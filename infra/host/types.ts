/**
 * How to reach a host over SSH, in plain values. A superset of `@pulumi/command`'s `remote.ConnectionArgs` with the
 * same field names, so that one connection serves both.
 */
export interface Connection {
  /** Address or name to dial, or an alias in `sshConfigFile`. */
  host: string;
  /** OpenSSH client configuration, as `~/.ssh/config`, that says what the connection itself leaves open; none when left out. */
  sshConfigFile?: string;
  /** TCP port; 22 when left out. */
  port?: number;
  /** Login user; root when left out. */
  user?: string;
  /** Login password (secret). */
  password?: string;
  /** Private key in OpenSSH or PEM form (secret); taken before the password. */
  privateKey?: string;
  /** Passphrase of `privateKey` (secret). */
  privateKeyPassword?: string;
  /** Path of an SSH agent's socket. */
  agentSocketPath?: string;
  /** Pinned host key, as in known_hosts: `ssh-ed25519 AAAA…`. Without it, `knownHostsFile` decides. */
  hostKey?: string;
  /** known_hosts file that must hold the host; `~/.ssh/known_hosts` when left out. */
  knownHostsFile?: string;
  /** `true` accepts any host key; warned about at each connection. */
  insecureIgnoreHostKey?: boolean;
  /** Become root by sudo; on by default for a user other than root. */
  sudo?: boolean;
  /** Password for sudo (secret); `sudo -n` when left out. */
  sudoPassword?: string;
  /** Dial attempts before giving up; 5 when left out. */
  dialErrorLimit?: number;
  /** Seconds for each dial attempt; 15 when left out. */
  perDialTimeout?: number;
  /** `<lab>/<machine>` of a lab machine: a refresh can then tell a machine that was killed from a network that is down. */
  labMachine?: string;
  /** Jump host. */
  proxy?: JumpHost;
}

/** A jump host, with the way to it where there is another one before it. */
export interface JumpHost extends Omit<Connection, "proxy" | "sudo" | "sudoPassword" | "labMachine"> {
  proxy?: JumpHost;
}

/** One command of a batch. Built by pure functions, run by a {@link Host}. */
export interface Step {
  /** The command as an argument array; never interpreted by a shell. */
  argv: string[];
  /** Bytes for its standard input; never shown in a process list, a log or an error. */
  stdin?: string | Buffer;
  /** Seconds before the command is ended (SIGTERM, then SIGKILL) on the host itself; 60 when left out. */
  timeoutSeconds?: number;
  /** Exit codes other than 0 that are an answer and not a failure; `"any"` takes every code. */
  accept?: number[] | "any";
  /** What a person sees while this runs, for instance `installing ipvsadm`. */
  title?: string;
  /** True when the command tells on descriptor 3, a line at a time, what it is waiting for; needs a title. */
  tells?: boolean;
}

/** What one step gave: the one shape of success and failure. */
export interface StepResult {
  argv: string[];
  code: number;
  stdout: string;
  stderr: string;
}

/** Options of one batch. */
export interface RunOptions {
  /** Called when a titled step begins, and with `<title>: <line>` for each line that it tells. */
  onStep?: (title: string) => void;
  /** Aborts waiting for the batch (the interrupt of the engine). */
  signal?: AbortSignal;
}

/** A machine on which batches run as root: over SSH, or this very machine (`localHost`). */
export interface Host {
  /** The name people use for it, for messages. */
  readonly name: string;
  /**
   * Runs the steps in order in ONE round trip and returns a result each. Stops at the first step whose exit code is
   * not accepted and throws {@link CommandError} for it; a lost or refused connection throws {@link HostError}.
   * The batch starts only when all of it has arrived and then runs to its end even if the link is cut.
   */
  run(steps: Step[], options?: RunOptions): Promise<StepResult[]>;
}

/** Why a host could not do what was asked; branch on this, never on message text. */
export type HostErrorKind =
  | "unreachable" // no TCP connection, or no SSH banner in time
  | "host-key" // not the pinned or known key
  | "auth" // key, password or agent refused
  | "jump" // the jump host failed (cause says how)
  | "sudo" // cannot become root
  | "timeout" // connected, but no answer within the limit; a CommandError when a command was ended at its own limit
  | "lost" // the connection broke in the middle
  | "protocol" // the host's answer is not what the batch must print
  | "command"; // a command exited with a code that is not accepted
