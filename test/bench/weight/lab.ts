import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { listMachines, requireLab } from "../../../infra/lab/inventory.js";
import { MANAGEMENT_BRIDGE } from "../../../infra/lab/links.js";
import { bridgeName, labId, namespaceName } from "../../../infra/lab/names.js";
import { hostAddress } from "../../../infra/lab/subnet.js";
import { run, type Run } from "../../lab/support/command.js";
import { Machine } from "../../lab/support/machine.js";
import { root, Stack, succeeded, type StackFile } from "../../lab/support/stack.js";
import { type BenchHost, Hosts, type Place } from "../hosts.js";
import { operations, type Operations } from "./events.js";
import { cluster, DIRECTORS, directorsOnly, NICS, SEGMENT, SUBNET, tableOf, taken, VIP } from "./stack-file.js";

/** Seconds that an `up` may take; the first ones boot the directors and install packages there. */
const UP_SECONDS = 600;
const BASE = "lab-dr";

/** One `up`, and whom it touched. */
export interface Up {
  seconds: number;
  operations: Operations;
  /** SSH connections by host; hosts without any are left out. */
  connections: Record<string, number>;
  /** Processes that were started on each director meanwhile, by whomever. */
  processes: Record<string, number>;
}

/** Of a director since its boot: logins that its sshd has taken, but for those of the bench itself, and processes. */
interface Counts {
  logins: number;
  processes: number;
}

/** Two directors that are machines of a lab, and real servers that are namespaces on their segment. */
export class WeightLab {
  private readonly stack = new Stack("bench-weight", BASE);
  private readonly directors = DIRECTORS.map((name) => new Machine(this.stack.name, name));
  private made?: Hosts;
  private all: BenchHost[] = [];

  /** @param folder of the bench alone. */
  constructor(private readonly folder: string) {}

  /** The bench's hosts, when the lab is there. */
  get hosts(): Hosts {
    if (!this.made) throw new Error("weight: the lab must be booted first, got none");
    return this.made;
  }

  get realServers(): BenchHost[] {
    return this.all.slice(0, -1);
  }

  /** Boots the directors, and makes the real servers, which answer requests for a page with their names. */
  async boot(count: number): Promise<void> {
    await this.stack.init();
    succeeded(await this.pulumi(this.stack.file(directorsOnly)));
    // One more is the client: no host of the cluster.
    this.made = new Hosts(this.folder, count + 1, await this.place());
    this.all = await this.made.fresh(count + 1);
    const systemctl = readFileSync(join(__dirname, "systemctl.sh"), "utf8");
    const page = "/srv/bench-page";
    await this.made.everywhere(
      [
        `mkdir -p ${page} && hostname >${page}/index.html`,
        `busybox httpd -p 80 -h ${page} </dev/null >/dev/null 2>&1`,
        `cat >/usr/local/sbin/systemctl <<'END'\n#!/bin/sh\n${systemctl}END`,
        "chmod 0755 /usr/local/sbin/systemctl",
      ].join("\n"),
    );
  }

  /** Brings the cluster to these weights by one `pulumi up`. */
  async up(weights: Record<string, number>): Promise<Up> {
    const file = this.stack.file(cluster(this.realServers, this.hosts.login.privateKey, weights));
    const log = join(this.folder, "events.log");
    this.hosts.connections();
    const before = await this.counts();
    const { seconds } = succeeded(await this.pulumi(file, "--event-log", log));
    const after = await this.counts();
    const more = (key: keyof Counts) =>
      Object.fromEntries(DIRECTORS.map((name, n) => [name, after[n]![key] - before[n]![key]]));
    const connections = { ...Object.fromEntries(this.hosts.connections()), ...more("logins") };
    await this.proveTables(weights);
    const done = operations(readFileSync(log, "utf8"));
    return { seconds, operations: done, connections, processes: more("processes") };
  }

  /** Asks the VIP once for each real server; gives the names of those who have answered. */
  async answering(): Promise<Set<string>> {
    const client = this.all.at(-1)!;
    const one = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | busybox nc -w 5 ${VIP} 80 | tail -n 1`;
    const ask = `for n in $(seq ${this.realServers.length}); do ${one}; done`;
    const answers = await this.hosts.everywhere(`[ "$(hostname)" = ${client.name} ] || exit 0\n${ask}`);
    return new Set(
      answers
        .get(client.name)!
        .split("\n")
        .filter((line) => line !== ""),
    );
  }

  /** Removes the lab, whatever state it is in. */
  async close(): Promise<void> {
    await this.made?.close();
    await this.stack.clean();
  }

  /** The networks of the lab that the real servers are joined to, with the addresses that are free in them. */
  private async place(): Promise<Place> {
    const id = labId(this.stack.name, root);
    const { managementSubnet } = await requireLab(id);
    const managed = (await listMachines(id)).map(({ managementAddress }) => managementAddress);
    const file = parse(readFileSync(join(root, "stacks", `Pulumi.${BASE}.yaml`), "utf8")) as StackFile;
    const free = (subnet: string, used: string[]) =>
      Array.from({ length: 253 }, (_, n) => hostAddress(subnet, n + 2)).filter((each) => !used.includes(each));
    return {
      namespace: `/run/netns/${namespaceName(id)}`,
      wires: [
        { nic: NICS.management, bridge: MANAGEMENT_BRIDGE, addresses: free(managementSubnet, managed) },
        { nic: NICS.cluster, bridge: bridgeName(SEGMENT), addresses: free(SUBNET, taken(file)) },
      ],
    };
  }

  private counts(): Promise<Counts[]> {
    // The journal is read by the very connection that must not count.
    const own = '" port $(echo $SSH_CONNECTION | cut -d " " -f 2) "';
    const logins = `journalctl --output=cat -t sshd | grep '^Accepted ' | grep -vc ${own}`;
    // First, so that most of what this command itself starts is not between two of them.
    const command = `sed -n 's/^processes //p' /proc/stat; ${logins} || true`;
    return Promise.all(
      this.directors.map(async (director) => {
        const [processes, accepted] = (await director.succeed(command)).trim().split("\n").map(Number);
        return { logins: accepted!, processes: processes! };
      }),
    );
  }

  private async proveTables(weights: Record<string, number>): Promise<void> {
    const want = tableOf(this.realServers, weights).join("\n");
    for (const director of this.directors) {
      const got = (await director.table()).join("\n");
      if (got !== want) throw new Error(`${director.name}: the kernel's table must be\n${want}\ngot\n${got}`);
    }
  }

  private pulumi(file: string, ...more: string[]): Promise<Run> {
    const words = ["up", "--stack", this.stack.name, "--config-file", file, "--yes", "--skip-preview", ...more];
    const bound = ["timeout", "--signal=INT", "--kill-after=30", String(UP_SECONDS)];
    const env = {
      ...this.stack.env,
      // As for users: tests keep their state in a form that they can search.
      PULUMI_DIY_BACKEND_ZSTD: "true",
      // Without it the CLI does not know the option for its log of events.
      PULUMI_DEBUG_COMMANDS: "true",
    };
    return run([...bound, "sh", "infra/setup/pulumi.sh", ...words], { env, cwd: root });
  }
}
