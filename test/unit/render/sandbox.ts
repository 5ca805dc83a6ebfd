import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** Why a sandbox cannot be made here; undefined when it can. */
export const noSandbox: string | undefined =
  process.getuid?.() !== 0
    ? "needs root for namespaces"
    : spawnSync("unshare", ["-n", "-m", "-p", "-f", "--mount-proc", "ip", "link", "add", "probe", "type", "bridge"])
          .status !== 0
      ? "needs unshare, iproute2 and a bridge device"
      : undefined;

/** Why keepalived cannot be asked here; undefined when it can. */
export const noKeepalived: string | undefined =
  noSandbox ?? (existsSync("/usr/sbin/keepalived") ? undefined : "keepalived is not installed");

/** Network, mount and process namespaces of their own, whose first process reaps no zombie, like a systemd that hangs. */
export class Sandbox {
  private constructor(
    private readonly process: ChildProcess,
    private readonly pid: string,
  ) {}

  /** Opens one with empty /run and /usr/local/sbin, an /etc and a /var of its own, and interfaces that are up. */
  static async open(interfaces: readonly string[]): Promise<Sandbox> {
    const child = spawn("unshare", ["-n", "-m", "-p", "-f", "--mount-proc", "--kill-child", "sleep", "infinity"], {
      stdio: "ignore",
    });
    const children = `/proc/${child.pid}/task/${child.pid}/children`;
    await until(() => isAsleep(first(children)), "the namespaces");
    const sandbox = new Sandbox(child, first(children));
    sandbox.run("mount --make-rprivate / && mount -t tmpfs run /run && mount -t tmpfs sbin /usr/local/sbin");
    // What is written to /etc and /var inside stays inside.
    for (const name of ["etc", "var"]) {
      const layers = `lowerdir=/${name},upperdir=/run/layers/${name}/upper,workdir=/run/layers/${name}/work`;
      sandbox.run(
        `mkdir -p /run/layers/${name}/upper /run/layers/${name}/work && mount -t overlay ${name} -o ${layers} /${name}`,
      );
    }
    sandbox.run("ip link set lo up");
    for (const name of interfaces) sandbox.run(`ip link add ${name} type bridge && ip link set ${name} up`);
    return sandbox;
  }

  /** The words that put a command inside. */
  entry(): string[] {
    return ["nsenter", "-t", this.pid, "-n", "-m", "-p"];
  }

  /** Runs a shell script inside and returns its output; throws when its exit code is not the expected one. */
  run(script: string, expected = 0): string {
    const result = spawnSync("nsenter", ["-t", this.pid, "-n", "-m", "-p", "sh", "-c", script], { encoding: "utf8" });
    if (result.status !== expected)
      throw new Error(`${script}: exited ${result.status}, not ${expected}\n${result.stdout}${result.stderr}`);
    return result.stdout + result.stderr;
  }

  /** Writes a file inside. */
  write(path: string, content: string, mode = "0644"): void {
    const script = `mkdir -p "$(dirname '${path}')" && cat >'${path}' && chmod ${mode} '${path}'`;
    const result = spawnSync("nsenter", ["-t", this.pid, "-n", "-m", "sh", "-c", script], {
      input: content,
      encoding: "utf8",
    });
    if (result.status !== 0) throw new Error(`${path}: ${result.stderr}`);
  }

  /** True when the script exits 0. */
  test(script: string): boolean {
    return spawnSync("nsenter", ["-t", this.pid, "-n", "-m", "-p", "sh", "-c", script]).status === 0;
  }

  /** Ends every process inside. */
  close(): void {
    this.process.kill("SIGKILL");
  }
}

/** Waits for a condition; names it when it does not come within the limit of seconds. Returns the milliseconds it took. */
export async function until(condition: () => boolean, what: string, seconds = 10): Promise<number> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > seconds * 1000) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - start;
}

function first(children: string): string {
  return existsSync(children) ? (readFileSync(children, "utf8").split(" ")[0] ?? "") : "";
}

/** True once the first process inside is past unshare's own steps. */
function isAsleep(pid: string): boolean {
  return pid !== "" && existsSync(`/proc/${pid}/comm`) && readFileSync(`/proc/${pid}/comm`, "utf8") === "sleep\n";
}
