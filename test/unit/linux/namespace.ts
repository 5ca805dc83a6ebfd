import { spawn } from "node:child_process";
import { once } from "node:events";
import { localHost } from "../../../infra/host/local.js";
import type { Host, Step } from "../../../infra/host/types.js";
import type { Noun, Reading } from "../../../infra/linux/noun.js";

/** False without the right to make a network namespace (root, Linux): such tests are then skipped, and say so. */
export const mayIsolate = process.platform === "linux" && process.getuid?.() === 0;
export const skip = mayIsolate ? false : "needs root on Linux, for a network namespace of its own";

/** This machine in a network namespace of its own, with `lo` and `veth0` up; it goes with `end`. */
export async function isolated(): Promise<{ host: Host; pid: number; end: () => Promise<void> }> {
  // sh waits for its standard input to end: the namespace cannot outlive this process.
  const keeper = spawn("unshare", ["--net", "sh", "-c", "echo ready; read end"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(keeper.stdout, "data");
  const host = localHost("namespace", ["nsenter", "-t", String(keeper.pid), "-n", "/bin/sh"]);
  const end = async () => {
    keeper.stdin.end();
    if (keeper.exitCode === null) await once(keeper, "exit");
  };
  await host.run([
    { argv: ["ip", "link", "add", "veth0", "type", "veth", "peer", "name", "veth1"] },
    ...["lo", "veth0", "veth1"].map((dev) => ({ argv: ["ip", "link", "set", dev, "up"] })),
    { argv: ["ip", "address", "add", "10.0.0.5/24", "dev", "veth0"] },
  ]);
  return { host, pid: keeper.pid!, end };
}

/** Reads one key of a noun. */
export async function readOne<Have>(host: Host, noun: Noun<never, Have>, key: string): Promise<Reading<Have>> {
  const query = noun.read([key]);
  return query.parse(await host.run(query.steps))[key]!;
}

/** Runs a command, giving what it printed. */
export async function run(host: Host, argv: string[], rest: Omit<Step, "argv"> = {}): Promise<string> {
  return (await host.run([{ argv, ...rest }])).map(({ stdout }) => stdout).join("");
}
