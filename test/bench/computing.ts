import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const V1 = "/sys/fs/cgroup/cpuacct";
const V2 = "/sys/fs/cgroup";

/**
 * Computing time of this process and of all that it starts, the hosts with their sshd included: what a phase costs does not
 * depend on what else the machine does, as its seconds do. A control group of the bench's own counts it (cgroups(7)).
 */
export class Computing {
  private readonly group: string | undefined;
  private readonly parent: string;

  constructor() {
    const lines = readFileSync("/proc/self/cgroup", "utf8").split("\n");
    const [root, line] = existsSync(V1)
      ? [V1, lines.find((each) => each.split(":")[1]?.split(",").includes("cpuacct"))]
      : [V2, lines.find((each) => each.startsWith("0::"))];
    this.parent = join(root, line?.split(":")[2] ?? "/");
    const group = join(root, `lvs-bench-${process.pid}`);
    try {
      mkdirSync(group);
      writeFileSync(join(group, "cgroup.procs"), String(process.pid));
      this.group = group;
    } catch {
      // No control groups here, or not ours to make: then nothing is counted.
      this.group = undefined;
    }
  }

  /** Seconds since the beginning; undefined where it is not counted. */
  seconds(): number | undefined {
    if (this.group === undefined) return undefined;
    const v1 = join(this.group, "cpuacct.usage");
    if (existsSync(v1)) return Number(readFileSync(v1, "utf8")) / 1e9;
    return Number(/^usage_usec (\d+)$/m.exec(readFileSync(join(this.group, "cpu.stat"), "utf8"))?.[1]) / 1e6;
  }

  /** Gives the group back, when nothing runs in it but this process. */
  close(): void {
    if (this.group === undefined) return;
    writeFileSync(join(this.parent, "cgroup.procs"), String(process.pid));
    rmdirSync(this.group);
  }
}
