import { readFileSync } from "node:fs";
import { parseCpuList } from "../../../infra/lab/cpu.js";
import { processMark, labId } from "../../../infra/lab/names.js";
import { findProcesses } from "../../../infra/lab/processes.js";
import { run, type Run } from "../../lab/support/command.js";
import { Machine } from "../../lab/support/machine.js";
import { root, Stack, succeeded } from "../../lab/support/stack.js";
import { connectCommand, loadCommand, parseLoad, parseTimes, type Times } from "./load.js";
import { cluster, REAL_SERVER, VIP, type Way, ways } from "./ways.js";

/** Seconds that an `up` may take; the first one boots the lab. */
export const UP_SECONDS = 240;
/** Seconds of each load. */
export const LOAD_SECONDS = 2;
/** Ports of the client for each way: all that users may have, in parts. */
const PORTS = Math.floor((65536 - 1024) / ways.length);
/** Ticks of the times in `/proc/<pid>/stat` in a second: the same on every Linux that Node runs on (USER_HZ). */
const TICKS = 100;

/** Seconds of computing that a request took, of the director and of all machines together. */
export interface Computing {
  director: number;
  all: number;
}

/** One look at one way. Rates in requests/s, a connection for each request or kept ones; times in ms. */
export interface Sample extends Times {
  fresh: number;
  kept: number;
  computing: { fresh: Computing; kept: Computing };
}

/** The bench's lab: one client, one director, one real server, booted once; the stack file says the way. */
export class DataplaneLab {
  private readonly stack = new Stack("bench-dataplane", "lab-nat");
  private readonly machine = (name: string) => new Machine(this.stack.name, name);
  private readonly client = this.machine("client");
  private readonly director = this.machine("director-a");
  private readonly realServer = this.machine("rs1");

  private booted = false;

  async init(): Promise<void> {
    await this.stack.init();
  }

  /** Removes the lab, whatever state it is in. */
  clean = () => this.stack.clean();

  /** Makes the lab go that way by `pulumi up`, and proves that it does; gives the seconds of the `up`. */
  async take(way: Way): Promise<number> {
    if (this.booted) await this.ownPorts(way);
    const { seconds } = succeeded(await this.up(this.stack.file(cluster(way))));
    this.booted = true;
    await this.ownPorts(way);
    await this.spread();
    // Only the first time anything is done here.
    await this.client.succeed("command -v ab >/dev/null || apt-get install -qq --yes apache2-utils");
    const log = "/var/log/nginx/access.log";
    await this.realServer.succeed(`: >${log}`);
    // The first requests also teach neighbours, and fill caches.
    parseLoad(await this.client.succeed(loadCommand(VIP, 1, false)), false);
    const clients = (await this.realServer.succeed(`cut -d ' ' -f 1 ${log} | sort -u`)).trim();
    const looked = await this.director.succeed(way.look);
    if (clients !== way.seen || !way.shows.test(looked))
      throw new Error(
        `${way.name}: requests must go this way, seen as from ${way.seen}, got from ${clients.replaceAll("\n", " ")}; ` +
          `the director has\n${looked}`,
      );
    await this.realServer.succeed(`: >${log}`);
    return seconds;
  }

  /** Looks once at the service, or at the real server itself. */
  async sample(of: "service" | "real server"): Promise<Sample> {
    const address = of === "service" ? VIP : REAL_SERVER;
    const load = async (keep: boolean) => {
      const before = await this.computing();
      const printed = await this.client.succeed(loadCommand(address, LOAD_SECONDS, keep));
      const after = await this.computing();
      const { requests, perSecond } = parseLoad(printed, keep);
      const each = (key: keyof Computing) => (after[key] - before[key]) / requests;
      return { perSecond, computing: { director: each("director"), all: each("all") } };
    };
    const [fresh, kept] = [await load(false), await load(true)];
    return {
      ...{ fresh: fresh.perSecond, kept: kept.perSecond },
      ...parseTimes(await this.client.succeed(connectCommand(address))),
      computing: { fresh: fresh.computing, kept: kept.computing },
    };
  }

  /**
   * Gives the client a range of ports for this way alone. Under dr and tun IPVS remembers a connection for two minutes after
   * its end, and sends a new one from the same port to where that went, in the way that was then.
   */
  private async ownPorts(way: Way): Promise<void> {
    const first = 1024 + PORTS * ways.indexOf(way);
    await this.client.succeed(`sysctl -qw net.ipv4.ip_local_port_range='${first} ${first + PORTS - 1}'`);
  }

  /**
   * Gives the director a CPU of its own, as a machine has, and the real server another one where there are three. On two
   * it shares the client's, in every way and when asked directly alike.
   */
  private async spread(): Promise<void> {
    const cpus = parseCpuList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8"))![1]!);
    const places = { client: cpus[0], "director-a": cpus[1] ?? cpus[0], rs1: cpus[2] ?? cpus[0] };
    const id = labId(this.stack.name, root);
    for (const [name, cpu] of Object.entries(places))
      for (const { pid } of await findProcesses((mark) => mark === processMark(id, name)))
        // Exits other than 0 for a process that has ended meanwhile; what is begun later inherits it.
        await run(["taskset", "--all-tasks", "--pid", "--cpu-list", String(cpu), String(pid)]);
  }

  private up(file: string): Promise<Run> {
    const words = ["up", "--stack", this.stack.name, "--config-file", file, "--yes", "--skip-preview"];
    const bound = ["timeout", "--signal=INT", "--kill-after=30", String(UP_SECONDS)];
    return run([...bound, "sh", "infra/setup/pulumi.sh", ...words], { env: this.stack.env, cwd: root });
  }

  /** Seconds of computing by now. A guest's kernel and each process in it are processes of this machine, in one session. */
  private async computing(): Promise<Computing> {
    const id = labId(this.stack.name, root);
    const director = processMark(id, "director-a");
    const sum: Computing = { director: 0, all: 0 };
    for (const { pid, mark } of await findProcesses((each) => each.startsWith(processMark(id, "")))) {
      const seconds = computed(pid);
      sum.all += seconds;
      if (mark === director) sum.director += seconds;
    }
    return sum;
  }
}

/** Seconds of computing of a process and of its children that have ended (proc_pid_stat(5): utime to cstime). */
function computed(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
  } catch (error) {
    // It ended while it was looked at.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return 0;
    throw error;
  }
}
