import { spawn } from "node:child_process";

/** Runs a command to its end; throws with all that it printed when it fails. */
export function command(
  argv: string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string } = {},
): Promise<{ seconds: number; output: string }> {
  const begin = process.hrtime.bigint();
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...options.env };
    const child = spawn(argv[0]!, argv.slice(1), { cwd: options.cwd, env, stdio: "pipe" });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
      const output = Buffer.concat(chunks).toString();
      if (code === 0) resolve({ seconds, output });
      else reject(new Error(`${argv.join(" ")}: must succeed, got ${signal ?? code}:\n${output}`));
    });
  });
}
