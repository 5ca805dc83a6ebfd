import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "../../../infra/host/types.js";
import { until } from "./until.js";

/** The user that exists only in the mount namespace of a test's sshd, and its password. */
export const testUser = "lvs-test";
export const testPassword = "correct-horse-battery";
// The same password as crypt(3) stores it (SHA-512), so that no tool is needed to make it.
const testPasswordHash =
  "$6$lvstestsalt$3LpGR908USmDTLooLfsn/8HuVmU/sV6piSXjv6saXkK0y1.ZActXtmeaSdKLI3YS.HFDAY.7HqI64I1z0THu8/";

/** What a test may want otherwise. */
export interface SshdOptions {
  /** Lines put before the usual ones of sshd_config; the first one of a keyword counts. */
  config?: string[];
  /** Types of the host keys. */
  hostKeys?: ("ed25519" | "ecdsa" | "rsa")[];
  /** Shell lines run in the private mount namespace before sshd starts; `$dir` is the folder of this sshd. */
  prepare?: string[];
  /** Lines of a file in sudoers.d that is seen only there. */
  sudoers?: string[];
  port?: number;
}

/** A throw-away sshd on loopback, in a mount namespace of its own: /run, users and sudoers are not the machine's. */
export interface Sshd {
  port: number;
  dir: string;
  pid: number;
  connection: Connection;
  /** The public host key of a type, as it is pinned. */
  hostKey(type: string): string;
  log(): string;
  /** Logins that the log tells of. */
  logins(): number;
  /** Processes that serve a connection. */
  sessions(): number[];
  stop(): Promise<void>;
}

/** Starts one and waits until it listens. Needs root, unshare(1) and Debian's openssh-server. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const dir = mkdtempSync(join(tmpdir(), "lvs-sshd-"));
  const port = options.port ?? (await freePort());
  const types = options.hostKeys ?? ["ed25519"];
  for (const type of types) keygen(join(dir, `host_${type}`), ["-t", type, ...(type === "rsa" ? ["-b", "2048"] : [])]);
  keygen(join(dir, "client"), ["-t", "ed25519"]);
  cpSync(join(dir, "client.pub"), join(dir, "authorized_keys"));
  prepareUsers(dir, options.sudoers ?? []);
  const log = join(dir, "log");
  writeFileSync(log, "");
  const config = [
    ...(options.config ?? []),
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    ...types.map((type) => `HostKey ${join(dir, `host_${type}`)}`),
    `AuthorizedKeysFile ${join(dir, "authorized_keys")}`,
    `PidFile ${join(dir, "pid")}`,
    "StrictModes no",
    "PermitRootLogin yes",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UsePAM no",
    "UseDNS no",
    // Of this keyword the last line counts.
    ...(options.config?.some((line) => line.startsWith("MaxStartups ")) ? [] : ["MaxStartups 100"]),
    "LogLevel VERBOSE",
  ];
  writeFileSync(join(dir, "config"), `${config.join("\n")}\n`);
  const setUp = [
    "set -e",
    `dir=${dir}`,
    "mount -t tmpfs -o mode=755 tmpfs /run",
    "mkdir /run/sshd",
    `for f in passwd shadow group; do mount --bind ${dir}/etc/$f /etc/$f; done`,
    `if [ -d /etc/sudoers.d ]; then mount --bind ${dir}/etc/sudoers.d /etc/sudoers.d; fi`,
    ...(options.prepare ?? []),
    `exec /usr/sbin/sshd -D -f ${dir}/config -E ${log}`,
  ];
  const child = spawn("unshare", ["--mount", "--propagation", "private", "sh", "-c", setUp.join("\n")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let trouble = "";
  child.stderr.on("data", (chunk: Buffer) => (trouble += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const readLog = (): string => readFileSync(log, "utf8");
  await until("sshd listens", () => {
    if (child.exitCode !== null)
      throw new Error(`sshd did not start (is openssh-server installed?): ${trouble}${readLog()}`);
    return readLog().includes("Server listening");
  });
  const hostKey = (type: string): string =>
    readFileSync(join(dir, `host_${type}.pub`), "utf8")
      .split(" ")
      .slice(0, 2)
      .join(" ");
  const pid = child.pid as number;
  return {
    port,
    dir,
    pid,
    hostKey,
    connection: {
      host: "127.0.0.1",
      port,
      user: "root",
      privateKey: readFileSync(join(dir, "client"), "utf8"),
      hostKey: hostKey(types[0] as string),
      dialErrorLimit: 1,
      perDialTimeout: 10,
    },
    log: readLog,
    logins: () => readLog().match(/^Accepted [a-z-]+(\/\w+)? for /gm)?.length ?? 0,
    sessions: () => childrenOf(pid),
    stop: async () => {
      const serving = childrenOf(pid);
      child.kill("SIGTERM");
      for (const session of serving) kill(session, "SIGTERM");
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A key pair without a passphrase, unless one is among the arguments. */
export function keygen(file: string, args: string[]): void {
  execFileSync("ssh-keygen", ["-q", "-f", file, ...(args.includes("-N") ? args : [...args, "-N", ""])]);
}

/** A TCP port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Direct children of a process; none when it is gone. */
export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return text === "" ? [] : text.split(" ").map(Number);
  } catch (error) {
    // ESRCH: it ended while it was read.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}

/** Signals a process that may be gone already. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function prepareUsers(dir: string, sudoers: string[]): void {
  mkdirSync(join(dir, "etc/sudoers.d"), { recursive: true, mode: 0o755 });
  for (const file of ["shadow", "group"]) cpSync(`/etc/${file}`, join(dir, "etc", file));
  // Root's own rc files would be run by every batch's login shell.
  const passwd = readFileSync("/etc/passwd", "utf8").replace(/^root:.*$/m, `root:x:0:0:root:${dir}:/bin/bash`);
  writeFileSync(join(dir, "etc/passwd"), passwd);
  appendFileSync(join(dir, "etc/passwd"), `${testUser}:x:64999:64999::/:/bin/sh\n`);
  appendFileSync(join(dir, "etc/shadow"), `${testUser}:${testPasswordHash}:19000:0:99999:7:::\n`);
  appendFileSync(join(dir, "etc/group"), `${testUser}:x:64999:\n`);
  writeFileSync(join(dir, "etc/sudoers.d/lvs-test"), sudoers.map((line) => `${line}\n`).join(""), { mode: 0o440 });
  // The user of the tests reads its keys from here.
  execFileSync("chmod", ["755", dir]);
}
