import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Where labs keep their state; `PULUMI_LVS_STATE_DIR` moves it. */
export function stateDir(): string {
  return process.env.PULUMI_LVS_STATE_DIR || "/var/lib/pulumi-lvs";
}

/** Parent of all labs' directories. */
export function labsDir(): string {
  return join(stateDir(), "labs");
}

/** Directory of one lab (mode 0700). */
export function labDir(id: string): string {
  return join(labsDir(), id);
}

/** What is in a lab's directory. */
export function labPaths(id: string) {
  const dir = labDir(id);
  return {
    dir,
    record: join(dir, "lab.json"),
    privateKey: join(dir, "id_ed25519"),
    publicKey: join(dir, "id_ed25519.pub"),
    knownHosts: join(dir, "known_hosts"),
    machines: join(dir, "machines"),
  };
}

/** What is in a machine's directory. */
export function machinePaths(id: string, machine: string) {
  const dir = join(labPaths(id).machines, machine);
  return {
    dir,
    record: join(dir, "machine.json"),
    disk: join(dir, "disk.cow"),
    config: join(dir, "config.tar"),
    console: join(dir, "console.log"),
    previousConsole: join(dir, "console.previous.log"),
  };
}

/** The script that makes the guests' disk image. */
export const imageScript = resolve(__dirname, "../setup/image.sh");

/** The script that makes what a kind of guest has beside it. */
export const imageKindScript = resolve(__dirname, "../setup/image-kind.sh");

/** The project whose labs are meant: the nearest folder upwards that holds a Pulumi.yaml, else the start itself. */
export function projectRoot(from: string = process.cwd()): string {
  for (let dir = resolve(from); ; dir = dirname(dir)) {
    if (existsSync(join(dir, "Pulumi.yaml"))) return dir;
    if (dir === dirname(dir)) return resolve(from);
  }
}
