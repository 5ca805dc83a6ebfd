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
