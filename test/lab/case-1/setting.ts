import { Machine } from "../support/machine.js";
import { succeeded, Stack, type StackFile } from "../support/stack.js";
import { waitUntil } from "../support/command.js";

export const VIP = "192.168.184.100";
export const DEV = "ens32";
export const stack = new Stack("test-dr");
const machine = (name: string) => new Machine(stack.name, name);
export const directorA = machine("director-a");
export const directorB = machine("director-b");
export const rs1 = machine("rs1");
export const rs2 = machine("rs2");
export const client = machine("client");
export const hosts = [directorA, directorB, rs1, rs2];

export const whole = stack.file();
export const labOnly = stack.file((file) => delete file.config["lvs:cluster"]);

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
export async function holders(): Promise<string[]> {
  const held = await Promise.all([directorA, directorB].map((each) => each.holds(`${VIP}/24`, DEV)));
  return [directorA, directorB].filter((_, index) => held[index]).map(({ name }) => name);
}

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
