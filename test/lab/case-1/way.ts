import { readFileSync } from "node:fs";
import { labId, labPaths, readMachine } from "../../../infra/lab/index.js";
import { unique, type Secret } from "../support/leaks.js";
import { root } from "../support/stack.js";
import type { Setting } from "./setting.js";

/** How the cluster's hosts are reached; all of case 1 goes over any of them. */
export interface Way {
  /** Machines of the lab that are on the way. */
  machines: string[];
  /** Puts them into the stack file's lab. */
  lab(lab: any): void;
  /** Made ready on the booted machines, before anything of ours is on them. */
  prepare(setting: Setting): Promise<void>;
  /** What the stack file says of a host; undefined where the lab's own way is meant. */
  connection(host: string): Record<string, unknown> | undefined;
  /** The same, written out. */
  written(host: string): Promise<Record<string, unknown>>;
  /** True where hosts are known to be machines of the lab: one that is switched off is drift, and the next `up` boots it. */
  bootsHosts: boolean;
  /** The place of a host in messages, as a pattern. */
  place: string;
  /** The home folder on the hosts whose `.ssh/authorized_keys` lets us in. */
  home: string;
  /** What opens the way. */
  secrets(): Secret[];
}

/** The public key by which a lab machine proves who it is. */
export async function hostKeyOf(id: string, machine: string): Promise<string> {
  const reading = await readMachine(id, machine);
  if (reading.state === "absent") throw new Error(`${machine} is not there`);
  return reading.machine.connection.hostKey;
}

/** A line of an ed25519 key in OpenSSH's form that nobody else's has: the fourth; those before it are public. */
export const secretLine = (privateKey: string) => privateKey.split("\n")[4]!;

/** As root over the lab's management network. */
export function labsOwnWay(stack: string): Way {
  const id = labId(stack, root);
  return {
    machines: [],
    lab: () => undefined,
    prepare: async () => undefined,
    connection: () => undefined,
    written: async (host) => {
      const reading = await readMachine(id, host);
      if (reading.state === "absent") throw new Error(`${host} is not there`);
      return { ...reading.machine.connection };
    },
    bootsHosts: true,
    place: String.raw`\(198\.1[89]\.[\d.]+:\d+\)`,
    home: "~",
    secrets: () => [unique("private key", secretLine(readFileSync(labPaths(id).privateKey, "utf8")))],
  };
}
