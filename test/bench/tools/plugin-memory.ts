import { readFileSync, readdirSync } from "node:fs";

/** Watches the plugins of one CLI run; the kernel keeps the peak of each (proc_pid_status(5), VmHWM). */
export class PluginMemory {
  private peakKB = 0;
  private readonly timer: NodeJS.Timeout;

  /** @param state a word in the environment of this run's processes alone. */
  constructor(private readonly state: string) {
    const seen = new Set<string>();
    this.timer = setInterval(() => {
      for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        try {
          if (!seen.has(pid)) {
            if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("pulumi-resource-lvs")) continue;
            if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(this.state)) continue;
            seen.add(pid);
          }
          const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
          this.peakKB = Math.max(this.peakKB, Number(peak ?? 0));
        } catch (error) {
          // It ended while it was looked at.
          if (!["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
        }
      }
    }, 200);
  }

  /** The peak in MB. */
  stop(): number {
    clearInterval(this.timer);
    return this.peakKB / 1024;
  }
}
