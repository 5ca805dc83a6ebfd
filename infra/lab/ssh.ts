import { labPaths } from "./paths.js";

/** Quotes a word for the remote user's shell. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** How an ssh command is to run. */
export interface SshOptions {
  /** Ask for a terminal on the other side. */
  terminal?: boolean;
  /** Seconds for connecting. */
  connectTimeout?: number;
  /** Socket of a connection that commands share; made by the first one, and left open for a minute after the last. */
  sharedOver?: string;
}

/**
 * An ssh command line to a lab machine that trusts only the lab's own keys and ignores the user's configuration.
 * @param words the command; each stays one word on the other side. None: a login shell.
 */
export function sshArgv(id: string, address: string, words: string[], options: SshOptions = {}): string[] {
  const { privateKey, knownHosts } = labPaths(id);
  const settings = {
    IdentityFile: privateKey,
    IdentitiesOnly: "yes",
    UserKnownHostsFile: knownHosts,
    GlobalKnownHostsFile: "/dev/null",
    StrictHostKeyChecking: "yes",
    BatchMode: "yes",
    LogLevel: "ERROR",
    ConnectTimeout: String(options.connectTimeout ?? 10),
    ServerAliveInterval: "5",
    ...(options.sharedOver && { ControlMaster: "auto", ControlPath: options.sharedOver, ControlPersist: "60" }),
  };
  return [
    "ssh",
    ...["-F", "none"],
    ...Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]),
    options.terminal ? "-t" : "-T",
    `root@${address}`,
    ...(words.length > 0 ? ["--", words.map(quote).join(" ")] : []),
  ];
}
