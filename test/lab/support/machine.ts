import { join } from "node:path";
import {
  blockMachine,
  crashMachine,
  labId,
  readMachine,
  requireMachine,
  startMachine,
  unblockMachine,
} from "../../../infra/lab/index.js";
import { machinePaths } from "../../../infra/lab/paths.js";
import { sshArgv } from "../../../infra/lab/ssh.js";
import { run, waitUntil, type Run } from "./command.js";
import { root } from "./stack.js";

interface Link {
  ifname: string;
  address: string;
  addr_info: { local: string; prefixlen: number }[];
}

/** A lab machine, in a few verbs. */
export class Machine {
  private readonly id: string;

  constructor(
    stack: string,
    readonly name: string,
  ) {
    this.id = labId(stack, root);
  }

  /** The ssh command line for a command on the machine, over a shared connection: a new one costs a guest a second. */
  async argv(command: string): Promise<string[]> {
    const { managementAddress } = await requireMachine(this.id, this.name);
    const sharedOver = join(machinePaths(this.id, this.name).dir, "ssh");
    return sshArgv(this.id, managementAddress, ["sh", "-c", command], { connectTimeout: 5, sharedOver });
  }

  /** Ends the shared connection, before a machine goes that could not close it: commands would wait for an answer. */
  private async disconnect(): Promise<void> {
    const [ssh = "ssh", ...rest] = await this.argv("true");
    // Exits 255 when there is none.
    await run([ssh, "-O", "exit", ...rest]);
  }

  async run(command: string, stdin?: string): Promise<Run> {
    return run(await this.argv(command), stdin === undefined ? {} : { stdin });
  }

  /** Runs a command that must exit 0, and gives what it printed. */
  async succeed(command: string): Promise<string> {
    const done = await this.run(command);
    if (done.code !== 0) throw new Error(`${this.name}: ${command}: exited ${done.code}\n${done.stdout}${done.stderr}`);
    return done.stdout;
  }

  async crash(): Promise<void> {
    await this.disconnect();
    await crashMachine(this.id, this.name);
  }

  /** Breaks every SSH connection that the machine has now; new ones are taken. */
  async cutSsh(): Promise<void> {
    await this.run(`systemd-run --quiet sh -c 'pkill -KILL -f "^sshd: root"'`);
    await this.disconnect();
  }

  /** Ends the machine in order, as the first half of a reboot. */
  async shutDown(): Promise<void> {
    await this.run("systemctl --no-block poweroff");
    await this.disconnect();
    await waitUntil(`${this.name} is off`, async () => (await readMachine(this.id, this.name)).state === "stopped", 60);
  }

  start = () => startMachine(this.id, this.name);
  block = () => blockMachine(this.id, this.name);
  unblock = () => unblockMachine(this.id, this.name);

  private async links(): Promise<Link[]> {
    return JSON.parse(await this.succeed("ip -j address show")) as Link[];
  }

  /** True when the machine has the address on the interface. */
  async holds(address: string, dev: string): Promise<boolean> {
    const link = (await this.links()).find(({ ifname }) => ifname === dev);
    return link?.addr_info.some(({ local, prefixlen }) => `${local}/${prefixlen}` === address) ?? false;
  }

  async mac(dev: string): Promise<string> {
    return (await this.links()).find(({ ifname }) => ifname === dev)!.address;
  }

  /** The kernel's IPVS table as sorted rules. */
  async table(): Promise<string[]> {
    return (await this.succeed("ipvsadm -Sn"))
      .trim()
      .split("\n")
      .map((rule) => rule.trim())
      .sort();
  }

  /** The machine answers over ssh. */
  async answers(limitSeconds = 60): Promise<void> {
    await waitUntil(`${this.name} answers`, async () => (await this.run("true")).code === 0, limitSeconds);
  }
}
