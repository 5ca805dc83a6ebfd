import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * Whether the engine that started this plugin was given `--refresh`. Its protocol does not say so; its command line does
 * (proc_pid_cmdline(5), ps(1) elsewhere).
 */
export async function refreshAsked(engine = process.ppid): Promise<boolean> {
  if (process.platform !== "linux") {
    const { stdout } = await promisify(execFile)("ps", ["-ww", "-o", "args=", "-p", String(engine)]);
    return saysRefresh(stdout.trim().split(/\s+/));
  }
  return saysRefresh((await readFile(`/proc/${engine}/cmdline`, "utf8")).split("\0"));
}

/** `--refresh`, `--refresh=true` or `-r` of `pulumi preview` and `pulumi up`. */
export function saysRefresh(words: string[]): boolean {
  return (
    words.some((word) => ["preview", "pre", "up", "update"].includes(word)) &&
    words.some((word) => ["-r", "--refresh", "--refresh=true"].includes(word))
  );
}
