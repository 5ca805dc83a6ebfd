import { type ChildProcess, spawn } from "node:child_process";

/** A process that lives as long as its standard input is open: the kernel ends it when this process ends in any way. */
export class Held {
  private readonly child: ChildProcess;
  private readonly lines: string[] = [];
  private stderr = "";
  private wake: () => void = () => undefined;
  private readonly gone: Promise<void>;
  private over = false;

  constructor(
    private readonly name: string,
    argv: string[],
  ) {
    this.child = spawn(argv[0]!, argv.slice(1), { stdio: "pipe" });
    let rest = "";
    this.child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      this.lines.push(...lines);
      this.wake();
    });
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.gone = new Promise<void>((resolve) => {
      this.child.once("error", (error) => ((this.stderr += error.message), resolve()));
      this.child.once("close", () => resolve());
    }).then(() => {
      this.over = true;
      this.wake();
    });
  }

  /** The process's own number; a command in front of it, as unshare, has another. */
  get pid(): number {
    return this.child.pid!;
  }

  /** The next line that it prints; throws when it ends instead. */
  async line(): Promise<string> {
    for (;;) {
      const line = this.lines.shift();
      if (line !== undefined) return line;
      if (this.over) throw new Error(`${this.name}: ended before it was up: ${this.stderr.trim()}`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  async end(): Promise<void> {
    this.child.stdin!.end();
    await this.gone;
  }
}
