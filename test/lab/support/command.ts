import { spawn } from "node:child_process";

/** How a command ended. */
export interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
  seconds: number;
}

/** Runs a command to its end, whatever its exit code. */
export function run(
  argv: string[],
  options: { env?: NodeJS.ProcessEnv; stdin?: string; cwd?: string } = {},
): Promise<Run> {
  const begin = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { cwd: options.cwd, env: options.env ?? process.env });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr, seconds: (Date.now() - begin) / 1000 }));
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.stdin ?? "");
  });
}

/** Waits until `condition` gives something other than false or undefined; throws with the description after the limit. */
export async function waitUntil<T>(
  description: string,
  condition: () => Promise<T | false | undefined>,
  limitSeconds: number,
): Promise<T> {
  const deadline = Date.now() + limitSeconds * 1000;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`not within ${limitSeconds} s: ${description}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/**
 * Living processes of a session, as command lines by id: the CLI with its plugins, each of which has a process group of
 * its own.
 */
export async function session(leader: number): Promise<Map<number, string>> {
  const { stdout } = await run(["ps", "-ewwo", "pid=,sess=,stat=,args="]);
  const rows = stdout.split("\n").map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line));
  const own = rows.filter((row) => row && Number(row[2]) === leader && !row[3]!.startsWith("Z"));
  return new Map(own.map((row) => [Number(row![1]), row![4]!]));
}

/** Kills processes with SIGKILL; one that ended meanwhile is as good as killed. */
export function kill(pids: Iterable<number>): void {
  for (const pid of pids)
    try {
      process.kill(pid, "SIGKILL");
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
    }
}

/** A command that goes on beside the test, and all that it has printed so far. */
export class Watch {
  text = "";
  private readonly child;

  constructor(argv: string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}) {
    this.child = spawn(argv[0]!, argv.slice(1), { ...options, stdio: ["ignore", "pipe", "inherit"] });
    this.child.stdout.on("data", (data: Buffer) => (this.text += data.toString()));
  }

  /** Ends it as Ctrl-C does, and gives its exit code. */
  async interrupt(): Promise<number | null> {
    const closed = new Promise<number | null>((resolve) => this.child.once("close", resolve));
    this.child.kill("SIGINT");
    return closed;
  }

  /** Ends it; a loop on a lab machine ends by itself when it next prints. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = new Promise((resolve) => this.child.once("close", resolve));
    this.child.kill("SIGKILL");
    await closed;
  }
}
