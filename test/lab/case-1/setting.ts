import { labId } from "../../../infra/lab/index.js";
import { waitUntil } from "../support/command.js";
import type { Machine } from "../support/machine.js";
import { Pair } from "../support/pair.js";
import type { Snapshots } from "../support/snapshot.js";
import { root, succeeded, type Stack, type StackFile } from "../support/stack.js";
import { labsOwnWay, type Way } from "./way.js";

export const DEV = "ens32";

/** Case 1 on a lab of its own, its hosts reached in some way. */
export class Setting {
  readonly stack: Stack;
  readonly vip: string;
  readonly directorA: Machine;
  readonly directorB: Machine;
  readonly rs1: Machine;
  readonly rs2: Machine;
  readonly client: Machine;
  /** The cluster's hosts. */
  readonly hosts: Machine[];
  /** The lab's id. */
  readonly id: string;
  /** What the machines looked like before anything of ours: the measure for every destroy. */
  before: Snapshots = {};
  private readonly pair: Pair;

  constructor(
    name: string,
    readonly way: Way = labsOwnWay(name),
  ) {
    this.pair = new Pair(name, (lab) => way.lab(lab));
    const { stack, vip, directorA, directorB, client } = this.pair;
    this.stack = stack;
    this.vip = vip;
    this.directorA = directorA;
    this.directorB = directorB;
    this.client = client;
    this.rs1 = this.machine("rs1");
    this.rs2 = this.machine("rs2");
    this.hosts = [directorA, directorB, this.rs1, this.rs2];
    this.id = labId(name, root);
  }

  readonly machine = (name: string): Machine => this.pair.machine(name);

  /** Machines that must be left as they were found: the cluster's hosts, and those on the way to them. */
  get found(): Machine[] {
    return [...this.hosts, ...this.way.machines.map((name) => this.machine(name))];
  }

  /** Case 1's stack file. */
  get whole(): string {
    return this.changed(() => undefined);
  }

  get labOnly(): string {
    return this.pair.labOnly();
  }

  /** Case 1's stack file with a change to the cluster. */
  readonly changed = (change: (cluster: any) => void): string => {
    return this.stack.file(({ config }: StackFile) => {
      const cluster = config["lvs:cluster"];
      this.way.lab(config["lvs:lab"]);
      for (const host of [...cluster.directors, ...cluster.realServers]) {
        const connection = this.way.connection(host.name);
        if (connection !== undefined) host.connection = connection;
      }
      change(cluster);
    });
  };

  /** Distinct MAC addresses that answer ARP for the VIP, asked by the client. */
  readonly arpAnswers = async (): Promise<string[]> => {
    // -b: otherwise arping asks only the first one that answered again.
    const { stdout } = await this.client.run(`arping -b -c 2 -w 2 -I ${DEV} ${this.vip}`);
    return [...new Set([...stdout.matchAll(/\[([0-9A-Fa-f:]{17})\]/g)].map((match) => match[1]!.toLowerCase()))];
  };

  /** The directors that have the VIP. */
  readonly holders = (): Promise<string[]> => this.pair.holders();

  /** Waits until exactly that director has the VIP and alone answers ARP for it. */
  readonly healed = async (holder: Machine, limitSeconds = 40): Promise<void> => {
    await waitUntil(
      `${holder.name} alone holds the VIP`,
      async () => (await this.holders()).join() === holder.name,
      limitSeconds,
    );
    const mac = await holder.mac(DEV);
    await waitUntil(
      `${holder.name} alone answers ARP`,
      async () => (await this.arpAnswers()).join() === mac,
      limitSeconds,
    );
  };

  /** Pages that the client got through the VIP, one request after the other. */
  readonly pages = async (count: number): Promise<string[]> => {
    const command = `for i in $(seq ${count}); do curl -sS --max-time 3 http://${this.vip}/; done`;
    return (await this.client.succeed(command)).trim().split("\n");
  };

  /** The whole cluster is up and as described. */
  readonly ensureUp = async (): Promise<void> => {
    succeeded(await this.stack.up(this.whole));
    await this.healed(this.directorA);
  };
}
