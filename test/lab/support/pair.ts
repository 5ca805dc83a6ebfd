import assert from "node:assert/strict";
import { waitUntil } from "./command.js";
import { Machine } from "./machine.js";
import { Stack, succeeded, type StackFile } from "./stack.js";
import { statusIsTrue } from "./status.js";

const VIP = "192.168.184.100";

/** The DR pair of case 1 under a name of its own, whose stack file is edited step by step. */
export class Pair {
  readonly vip = VIP;
  readonly stack: Stack;
  readonly directorA: Machine;
  readonly directorB: Machine;
  readonly client: Machine;
  /** The cluster of the stack file after each edit; the last one counts. */
  private readonly clusters: any[] = [];

  constructor(
    name: string,
    private readonly lab: (lab: any) => void = () => undefined,
  ) {
    this.stack = new Stack(name);
    this.directorA = this.machine("director-a");
    this.directorB = this.machine("director-b");
    this.client = this.machine("client");
  }

  machine(name: string): Machine {
    return new Machine(this.stack.name, name);
  }

  get directors(): [Machine, Machine] {
    return [this.directorA, this.directorB];
  }

  /** The stack file after all edits so far, and one more. */
  file(edit?: (cluster: any) => void): string {
    return this.stack.file(({ config }: StackFile) => {
      this.lab(config["lvs:lab"]);
      const cluster = structuredClone(this.clusters.at(-1) ?? config["lvs:cluster"]);
      edit?.(cluster);
      if (edit) this.clusters.push(cluster);
      config["lvs:cluster"] = cluster;
    });
  }

  /** Forgets the last edit. */
  undo(): void {
    this.clusters.pop();
  }

  /** The stack file with the lab alone. */
  labOnly(): string {
    return this.stack.file(({ config }: StackFile) => {
      this.lab(config["lvs:lab"]);
      delete config["lvs:cluster"];
    });
  }

  async up(edit?: (cluster: any) => void) {
    return succeeded(await this.stack.up(this.file(edit)));
  }

  /** Directors that have the VIP now. */
  async holders(): Promise<string[]> {
    const held = await Promise.all(this.directors.map((each) => each.holds(`${VIP}/24`, "ens32")));
    return this.directors.filter((_, index) => held[index]).map(({ name }) => name);
  }

  /** Waits until exactly one director has the VIP; by name, if it must be that one. */
  async oneHolder(limitSeconds = 60, name?: string): Promise<string> {
    return waitUntil(
      `${name ?? "exactly one director"} holds the VIP`,
      async () => {
        const [first, ...others] = await this.holders();
        return others.length === 0 && first !== undefined && (name ?? first) === first ? first : false;
      },
      limitSeconds,
    );
  }

  /** Status says of both directors what their own tools say there, and that all is healthy. */
  async statusIsTrue(): Promise<void> {
    await statusIsTrue(this.stack, this.directors);
  }

  /** Every one of 20 requests is answered. */
  async answers(): Promise<void> {
    const asks = `for i in $(seq 20); do curl -sS --max-time 3 http://${VIP}/ || exit 1; done`;
    assert.equal((await this.client.succeed(asks)).trim().split("\n").length, 20);
  }

  /** One holder, equal tables with that many real servers, and every request answered. */
  async sound(realServers = 2, limitSeconds = 60): Promise<void> {
    await this.oneHolder(limitSeconds);
    await waitUntil(
      `both tables have ${realServers} real servers and are equal`,
      async () => {
        const [a, b] = await Promise.all(this.directors.map((each) => each.table()));
        return a!.filter((rule) => rule.startsWith("-a")).length === realServers && a!.join("\n") === b!.join("\n");
      },
      limitSeconds,
    );
    await this.answers();
  }
}

/** A lab with a third machine for a real server, which the stack file does not know yet. */
export function withRs3(lab: any): void {
  lab.machines.rs3 = { interfaces: { ens32: { segment: "lan", addresses: ["192.168.184.15/24"] } } };
}

/** A real server of case 1's kind: a web server whose page is its name. */
export const webServer = (name: string, address: string) => ({
  name,
  address,
  interface: "ens32",
  packages: ["nginx-light"],
  files: { "/var/www/html/index.nginx-debian.html": `${name}\n` },
  units: { "nginx.service": { enabled: true, active: true } },
});
