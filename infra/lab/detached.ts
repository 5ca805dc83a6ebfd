import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import type { Boot } from "./engine.js";
import { namespaceName } from "./names.js";

/**
 * Starts a machine's program in the lab's network namespace and in a session of its own, so that it survives the command
 * that started it and can be killed as a whole; what it prints goes to the console file.
 * @param before words in front, of a program that becomes the next one
 */
export async function startDetached(
  boot: Boot,
  argv: string[],
  { before = [], env = {} }: { before?: string[]; env?: Record<string, string> } = {},
): Promise<void> {
  const console = await open(boot.consolePath, "w", 0o600);
  try {
    // nsenter and not "ip netns exec": the latter gives each guest a mount namespace that holds on to other mounts.
    const enter = ["nsenter", `--net=/run/netns/${namespaceName(boot.labId)}`, "--"];
    const [file = "", ...rest] = [...before, ...enter, ...argv];
    const child = spawn(file, rest, {
      cwd: boot.directory,
      detached: true,
      stdio: ["ignore", console.fd, console.fd],
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", ...env },
    });
    await once(child, "spawn");
    child.unref();
  } finally {
    await console.close();
  }
}
