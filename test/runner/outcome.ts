import { relative, resolve } from "node:path";

/** An event of node:test as `reporter.mjs` writes it. */
export interface Event {
  type: "test:pass" | "test:fail" | "test:diagnostic";
  name?: string;
  file?: string;
  nesting: number;
  skip?: boolean | string;
  todo?: boolean | string;
  message?: string;
  kind?: string;
  error?: string;
}

/** What a phase of the test command came to. */
export interface Outcome {
  passed: number;
  skipped: number;
  /** A line for each failure. */
  failures: string[];
  /** Measured values that tests reported with `t.diagnostic("figure: …")`. */
  figures: string[];
}

/** Counts tests, not suites; a file without a test is a failure, since nothing was looked at. */
export function outcomeOf(events: readonly Event[], files: readonly string[]): Outcome {
  const outcome: Outcome = { passed: 0, skipped: 0, failures: [], figures: [] };
  const paths = new Set(files.map((file) => resolve(file)));
  for (const event of events) {
    const { type, name = "", message = "" } = event;
    // node:test reports a file as a test of its own when it has none, or when it ended by itself.
    const isFile = paths.has(resolve(name));
    if (type === "test:diagnostic") {
      if (/^figure: /.test(message)) outcome.figures.push(message);
    } else if (isFile && type === "test:pass") {
      outcome.failures.push(`${name}: has no test`);
    } else if (event.kind === "suite" && !(type === "test:fail" && isOwnFailure(event))) {
      continue;
    } else if (event.skip !== undefined || event.todo !== undefined) {
      outcome.skipped += 1;
    } else if (type === "test:pass") {
      outcome.passed += 1;
    } else {
      outcome.failures.push(`${placeOf(event)}${name}: ${firstLine(event.error)}`);
    }
  }
  return outcome;
}

/** A suite fails for the tests in it, which are counted themselves, or for its own hooks. */
function isOwnFailure({ error = "" }: Event): boolean {
  return !/^\d+ subtests? failed$/.test(error);
}

/** Without the line, which is one of the compiled text. */
function placeOf({ file }: Event): string {
  return file === undefined ? "" : `${relative("", file)}: `;
}

function firstLine(text = "failed"): string {
  return text.trim().split("\n")[0] ?? "";
}
