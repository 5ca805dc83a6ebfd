import { existsSync, readdirSync } from "node:fs";
import { run } from "./command.js";

async function lines(argv: string[], having: string): Promise<string[]> {
  return (await run(argv)).stdout.split("\n").filter((line) => line.includes(having));
}

/** Processes of the lab's machines, known by the name that each carries. */
export function machineProcesses(id: string): Promise<string[]> {
  return lines(["ps", "-ewwo", "pid,args"], ` umid=lvs-${id.slice(-6)}-`);
}

/** All that is on this computer because of the lab: taps and bridges live and go with its namespace. */
export async function traces(id: string): Promise<string[]> {
  const folder = "/var/lib/pulumi-lvs/labs";
  const found = [
    await lines(["ip", "netns", "list"], id),
    await lines(["ip", "-o", "link"], id.slice(-6)),
    await machineProcesses(id),
    await lines(["cat", "/proc/mounts"], id),
    existsSync(folder) ? readdirSync(folder).filter((name) => name === id) : [],
  ];
  return found.flat();
}
