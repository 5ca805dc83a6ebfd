/** The test command after set-up: `node --import tsx test/run.ts [phase…]`; all phases but the long one without an argument. */
import { join, resolve } from "node:path";
import { programs, tests } from "./runner/phases.js";
import { summary, type Ended } from "./runner/summary.js";

const root = resolve(__dirname, "..");
const bin = (path: string) => join(root, "node_modules", path);

const phases = [
  programs("lint", [
    ["eslint", [bin("eslint/bin/eslint.js"), "."]],
    ["prettier", [bin("prettier/bin/prettier.cjs"), "--check", "--log-level=warn", "."]],
  ]),
  programs("types", [["tsc", [bin("typescript/bin/tsc"), "--noEmit", "-p", "."]]]),
  tests("unit", "test/unit", { concurrency: 2, minutes: 5 }),
  tests("component", "test/component", { concurrency: 1, minutes: 10 }),
  // One at a time: each has machines of its own, and what is measured in traffic must not suffer from a neighbour.
  tests("lab", "test/lab", { concurrency: 1, minutes: 30 }),
  // Every stack's whole life; `npm run test:long` asks for it by name.
  tests("long", "test/long", { concurrency: 1, minutes: 60 }),
];

async function main(wanted: string[]): Promise<number> {
  const known = phases.map(({ name }) => name);
  const strange = wanted.filter((name) => !known.includes(name));
  if (strange.length > 0) {
    console.error(`test: no phase ${strange.map((name) => `"${name}"`).join(", ")}. Known: ${known.join(", ")}.`);
    return 2;
  }
  process.chdir(root);
  const begin = Date.now();
  const ended: Ended[] = [];
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupted.abort());
  for (const phase of phases) {
    if (!(wanted.length > 0 ? wanted.includes(phase.name) : phase.name !== "long")) continue;
    if (interrupted.signal.aborted) continue;
    const start = Date.now();
    console.log(`[${String(Math.round((start - begin) / 1000)).padStart(4)} s] ${phase.name}: ${phase.about()}`);
    const outcome = await phase.run(interrupted.signal);
    if (interrupted.signal.aborted) outcome.failures.push("interrupted");
    ended.push({ name: phase.name, seconds: (Date.now() - start) / 1000, ...outcome });
  }
  process.stdout.write(summary(ended));
  return ended.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
