import type { Machine } from "../support/machine.js";
import { Pair } from "../support/pair.js";
import { succeeded, type StackFile } from "../support/stack.js";
import { waitUntil } from "../support/command.js";

const pair = new Pair("test-dr");
export const VIP = pair.vip;
export const DEV = "ens32";
export const { stack, directorA, directorB, client } = pair;
export const rs1 = pair.machine("rs1");
export const rs2 = pair.machine("rs2");
export const hosts = [directorA, directorB, rs1, rs2];

export const whole = stack.file();
export const labOnly = pair.labOnly();

/** Case 1's stack file with a change to the cluster. */
export function changed(change: (cluster: any) => void): string {
  return stack.file((file: StackFile) => change(file.config["lvs:cluster"]));
}

/** Distinct MAC addresses that answer ARP for the VIP, asked by the client. */
export async function arpAnswers(): Promise<string[]> {
  // -b: otherwise arping asks only the first one that answered again.
  const { stdout } = await client.run(`arping -b -c 2 -w 2 -I ${DEV} ${VIP}`);
  return [...new Set([...stdout.matchAll(/\[([0-9A-Fa-f:]{17})\]/g)].map((match) => match[1]!.toLowerCase()))];
}

/** The directors that have the VIP. */
export const holders = () => pair.holders();

/** Waits until exactly that director has the VIP and alone answers ARP for it. */
export async function healed(holder: Machine, limitSeconds = 40): Promise<void> {
  await waitUntil(
    `${holder.name} alone holds the VIP`,
    async () => (await holders()).join() === holder.name,
    limitSeconds,
  );
  const mac = await holder.mac(DEV);
  await waitUntil(`${holder.name} alone answers ARP`, async () => (await arpAnswers()).join() === mac, limitSeconds);
}

/** Pages that the client got through the VIP, one request after the other. */
export async function pages(count: number): Promise<string[]> {
  const command = `for i in $(seq ${count}); do curl -sS --max-time 3 http://${VIP}/; done`;
  return (await client.succeed(command)).trim().split("\n");
}

/** The whole cluster is up and as described. */
export async function ensureUp(): Promise<void> {
  succeeded(await stack.up(whole));
  await healed(directorA);
}
