import { spawn } from "node:child_process";
import { LabCommandError } from "./errors.js";

/** How {@link run} treats a command. */
export interface CommandOptions {
  /** Text for its standard input. */
  input?: string;
  /** Aborts the command with SIGTERM. */
  signal?: AbortSignal;
  /** Called with each line of its standard error as it comes. */
  onLine?: (line: string) => void;
}

/** Runs a command of this machine, never through a shell, and gives its standard output; throws {@link LabCommandError}. */
export function run(argv: string[], options: CommandOptions = {}): Promise<string> {
  const [file, ...rest] = argv;
  if (file === undefined) throw new TypeError("argv: must not be empty");
  return new Promise((resolve, reject) => {
    const child = spawn(file, rest, { stdio: "pipe", signal: options.signal, env: { ...process.env, LC_ALL: "C" } });
    let stdout = "";
    let stderr = "";
    let line = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-8192);
      const lines = (line + text).split("\n");
      line = lines.pop() ?? "";
      lines.forEach((each) => options.onLine?.(each));
    });
    child.on("error", (cause: NodeJS.ErrnoException) =>
      reject(options.signal?.aborted ? cause : new LabCommandError(argv, cause.code ?? cause.message, stderr)),
    );
    child.on("close", (code, signal) =>
      code === 0 ? resolve(stdout) : reject(new LabCommandError(argv, code ?? signal ?? "unknown", stderr)),
    );
    // A command that ends without reading its input is judged by its exit code, not by the broken pipe.
    child.stdin.on("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code !== "EPIPE") reject(cause);
    });
    child.stdin.end(options.input ?? "");
  });
}
