import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { outcomeOf, type Event, type Outcome } from "./outcome.js";

/** A part of the test command. */
export interface Phase {
  name: string;
  /** What is run, for its first line. */
  about(): string;
  run(signal: AbortSignal): Promise<Outcome>;
}

/** Runs node with this program's output; gives its exit code, or the name of the signal that ended it. */
function execute(argv: string[], signal: AbortSignal, output: "inherit" | "ignore"): Promise<number | string> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, argv, { stdio: ["ignore", output, output] });
    const stop = () => child.kill("SIGTERM");
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    child.on("error", reject);
    child.on("close", (code, name) => {
      signal.removeEventListener("abort", stop);
      done(code ?? name ?? "unknown");
    });
  });
}

/** A phase of whole programs, each of which counts as one test: `[label, argv of node]`. */
export function programs(name: string, checks: readonly (readonly [string, string[]])[]): Phase {
  return {
    name,
    about: () => checks.map(([label]) => label).join(", "),
    async run(signal) {
      const outcome: Outcome = { passed: 0, skipped: 0, failures: [], figures: [] };
      for (const [label, argv] of checks) {
        const code = await execute(argv, signal, "inherit");
        if (code === 0) outcome.passed += 1;
        else outcome.failures.push(`${label}: exited ${code}`);
      }
      return outcome;
    },
  };
}

/** Files below a folder that end in `.test.ts`, by name. */
export function testFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .sort()
    .map((file) => join(folder, file));
}

/** How test files are run. */
export interface Limits {
  /** Files at a time. */
  concurrency: number;
  /** The longest that one file may take. */
  minutes: number;
  /** Shows nothing of what the files print. */
  quiet?: boolean;
}

/** A phase of node:test, in a process of its own: what is shown is node's own reporter, what is counted comes from ours. */
export function tests(name: string, folder: string, limits: Limits): Phase {
  return {
    name,
    about: () => `${testFiles(folder).length} files, ${limits.concurrency} at a time`,
    async run(signal) {
      const files = testFiles(folder);
      if (files.length === 0) return { passed: 0, skipped: 0, failures: [`${folder}: no test file`], figures: [] };
      const place = mkdtempSync(join(tmpdir(), "lvs-test-"));
      try {
        const report = join(place, "events");
        const code = await execute(
          [...nodeTest(limits, report), ...files],
          signal,
          limits.quiet ? "ignore" : "inherit",
        );
        const outcome = outcomeOf(readEvents(report), files);
        // Also for what no event tells of: a crash of the runner itself, or its end by a signal.
        if (code !== 0 && outcome.failures.length === 0) outcome.failures.push(`${name}: node --test exited ${code}`);
        if (outcome.passed === 0) outcome.failures.push(`${name}: no test ran to its end`);
        return outcome;
      } finally {
        rmSync(place, { recursive: true, force: true });
      }
    },
  };
}

function nodeTest({ concurrency, minutes }: Limits, report: string): string[] {
  return [
    ...["--import", "tsx", "--test"],
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${minutes * 60_000}`,
    ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
    ...[`--test-reporter=${resolve(__dirname, "reporter.mjs")}`, `--test-reporter-destination=${report}`],
  ];
}

function readEvents(report: string): Event[] {
  const lines = readFileSync(report, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Event);
}
