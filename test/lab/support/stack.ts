import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { clean } from "../../../infra/lab/index.js";
import { run, type Run } from "./command.js";

export const root = join(__dirname, "..", "..", "..");

/** A stack file as plain data; tests change what they are about. */
export type StackFile = { config: { "lvs:lab": any; "lvs:cluster"?: any; "lvs:layers"?: any }; encryptionsalt: string };

/** A stack of a test's own: real CLI, own state, own lab. */
export class Stack {
  private readonly folder = mkdtempSync(join(tmpdir(), "lvs-test-"));
  readonly state = join(this.folder, "state");
  readonly env: NodeJS.ProcessEnv;
  /** Everything that the CLI has printed, for the search for secrets. */
  printed = "";

  /** `base`: the stack whose file tests change. */
  constructor(
    readonly name: string,
    private readonly base = "lab-dr",
  ) {
    mkdirSync(this.state);
    this.env = { ...process.env, PULUMI_BACKEND_URL: `file://${this.state}`, PULUMI_DIY_BACKEND_ZSTD: "false" };
  }

  /** Makes the empty stack. */
  async init(): Promise<void> {
    const made = await this.pulumi("stack", "init", "--no-select", this.name);
    // The CLI writes a stack file of its own; each run here names one in the test's folder.
    rmSync(join(root, "stacks", `Pulumi.${this.name}.yaml`), { force: true });
    if (made.code !== 0) throw new Error(`stack init exited ${made.code}: ${made.stderr}`);
  }

  /** Writes the base's stack file with a change, and gives its path. */
  file(change: (file: StackFile) => void = () => undefined): string {
    const file = parse(readFileSync(join(root, "stacks", `Pulumi.${this.base}.yaml`), "utf8")) as StackFile;
    change(file);
    const path = join(this.folder, `stack-${Math.random().toString(36).slice(2)}.yaml`);
    writeFileSync(path, stringify(file));
    return path;
  }

  /** Runs the CLI as `npm run pulumi` does. */
  async pulumi(...args: string[]): Promise<Run> {
    const done = await run(["sh", join(root, "infra/setup/pulumi.sh"), ...args], { env: this.env, cwd: root });
    this.printed += done.stdout + done.stderr;
    return done;
  }

  /** A secret as a stack file has it: `{secure: …}`; handed over as a user does, through standard input. */
  async encrypted(secret: string): Promise<{ secure: string }> {
    const file = this.file();
    const words = ["config", "set", "--secret", "lvs:secret", "-s", this.name, "--config-file", file];
    const done = await run(["sh", join(root, "infra/setup/pulumi.sh"), ...words], {
      env: this.env,
      cwd: root,
      stdin: secret,
    });
    if (done.code !== 0) throw new Error(`config set exited ${done.code}: ${done.stderr}`);
    return (parse(readFileSync(file, "utf8")) as { config: Record<string, { secure: string }> }).config["lvs:secret"]!;
  }

  /** Starts the CLI without waiting, in a session of its own, by which its plugins are found too. */
  start(verb: string, file: string): ChildProcess {
    const args = ["infra/setup/pulumi.sh", verb, "--yes", "-s", this.name, "--config-file", file];
    const child = spawn("sh", args, { cwd: root, env: this.env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data: Buffer) => (this.printed += String(data)));
    return child;
  }

  private on(verb: string, file: string, ...args: string[]): Promise<Run> {
    return this.pulumi(verb, "-s", this.name, "--config-file", file, ...args);
  }

  up = (file: string, ...args: string[]) => this.on("up", file, "--yes", "--skip-preview", ...args);
  preview = (file: string, ...args: string[]) => this.on("preview", file, "--diff", ...args);
  /** The preview in a network namespace of its own, in which there is no route to anywhere. */
  async previewApart(file: string): Promise<Run> {
    const command = `ip link set lo up && test -z "$(ip route)" && exec sh infra/setup/pulumi.sh "$@"`;
    const words = ["preview", "-s", this.name, "--config-file", file, "--diff"];
    return run(["unshare", "--net", "sh", "-c", command, "sh", ...words], { env: this.env, cwd: root });
  }
  refresh = (file: string, ...args: string[]) => this.on("refresh", file, "--yes", "--skip-preview", "--diff", ...args);
  /** The drift gate of cron and CI: exits other than 0 when a host is not as it was set up. */
  gate = (file: string) => this.on("refresh", file, "--preview-only", "--expect-no-changes");
  /** As `npm run drift` does: exits 7 with drift. */
  drift = (file: string) =>
    run(["node", "--import", "tsx", "infra/setup/drift.ts", this.name, "--config-file", file], {
      env: this.env,
      cwd: root,
    });
  statusArgv = (...args: string[]) => ["node", "--import", "tsx", "infra/status/cli.ts", this.name, ...args];
  /** As `npm run status` does: exits 0, 7 or 1. */
  status = (...args: string[]) => run(this.statusArgv(...args), { env: this.env, cwd: root });
  destroy = (file: string) => this.on("destroy", file, "--yes", "--skip-preview");

  /** Removes the lab, whatever state it is in, and the stack's files. */
  async clean(): Promise<void> {
    await clean({ root, stack: this.name });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Throws, showing what the CLI printed, unless it ended well. */
export function succeeded(done: Run): Run {
  if (done.code !== 0)
    throw new Error(`pulumi exited ${done.code} after ${done.seconds} s\n${done.stdout}\n${done.stderr}`);
  return done;
}
