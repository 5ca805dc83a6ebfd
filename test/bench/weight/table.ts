import { median } from "../summary.js";
import { DIRECTORS } from "./stack-file.js";
import type { Up } from "./lab.js";

/** An `up` after a changed weight, and the one of an empty program right before it. */
export interface Change extends Up {
  realServers: number;
  run: number;
  /** The weight that one of the real servers was given. */
  weight: number;
  /** Seconds of an empty program's `up`. */
  empty: number;
  /** How many processes wanted to compute at the time, on average of a minute (proc_loadavg(5)). */
  load: number;
}

/** Throws unless an `up` has touched both directors and no other host, and changed nothing but what they serve, and the proof. */
export function checkTouched({ operations, connections }: Up): void {
  const want = Object.fromEntries(
    [...DIRECTORS.map((name) => `lvs-${name}-serving`), "lvs-verification"].map((name) => [name, "update"]),
  );
  const sorted = (object: object) => JSON.stringify(Object.entries(object).sort());
  if (sorted(operations) !== sorted(want))
    throw new Error(`a changed weight must change ${Object.keys(want).join(", ")}, got ${JSON.stringify(operations)}`);
  const touched = Object.entries(connections).filter(([, count]) => count > 0);
  if (
    touched
      .map(([name]) => name)
      .sort()
      .join() !== DIRECTORS.join()
  )
    throw new Error(`a changed weight must touch ${DIRECTORS.join(" and ")}, got ${JSON.stringify(connections)}`);
}

/** Markdown: a row for each change, and the medians; whatever the number of real servers, in the order of measuring. */
export function table(changes: Change[]): string {
  const sizes = [...new Set(changes.map(({ realServers }) => realServers))];
  return sizes
    .map((size) =>
      forSize(
        size,
        changes.filter(({ realServers }) => realServers === size),
      ),
    )
    .join("\n");
}

function forSize(size: number, changes: Change[]): string {
  const engine = median(changes.map(({ empty }) => empty));
  const head = [
    "run",
    "weight",
    "s",
    "s beyond an empty program",
    "resources changed",
    "SSH connections to real servers",
    ...DIRECTORS.map((name) => `to ${name}`),
    ...DIRECTORS.map((name) => `processes on ${name}`),
    "load",
  ];
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const rows = changes.map(({ weight, seconds, operations, connections, processes, load }, n) => {
    const toDirectors = DIRECTORS.map((name) => connections[name] ?? 0);
    const all = Object.values(connections).reduce((sum, each) => sum + each, 0);
    const others = all - toDirectors.reduce((sum, each) => sum + each, 0);
    return [
      ...[String(n + 1), String(weight), seconds.toFixed(2), (seconds - engine).toFixed(2)],
      ...[
        String(Object.keys(operations).length),
        String(others),
        ...toDirectors.map(String),
        ...DIRECTORS.map((name) => String(processes[name])),
        load.toFixed(1),
      ],
    ];
  });
  const middle = median(changes.map(({ seconds }) => seconds));
  return [
    `${size} real servers`,
    "",
    line(head),
    line(head.map(() => "--:")),
    ...rows.map(line),
    "",
    `Median: ${middle.toFixed(2)} s, ${(middle - engine).toFixed(2)} s beyond an empty program (${engine.toFixed(2)} s).`,
    "",
  ].join("\n");
}
