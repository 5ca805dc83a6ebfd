/** `npm run bench -- --dataplane`: see docs/performance.md. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { whole, words } from "../options.js";
import { DataplaneLab, LOAD_SECONDS } from "./lab.js";
import { CONCURRENCY, CONNECTIONS } from "./load.js";
import { plot } from "./plot.js";
import { compare, direct, type Round } from "./ratios.js";
import { table } from "./table.js";
import { ways } from "./ways.js";

const names = ways.map(({ name }) => name);
/** Minutes after which no further look is begun. */
const MINUTES = 15;

const usage = `npm run bench -- --dataplane [--ways "${names.join(",")}"] [--runs 3] [--json <file>] [--svg <file>]

Asks a web server through a director, by each way that this toolkit can set up, and directly before and after; on one lab,
whose stack file is edited in between. Prints ratios to direct requests: medians over the rounds, and their range.
Each look is ${LOAD_SECONDS} s of requests on new connections, ${LOAD_SECONDS} s on kept ones, ${CONCURRENCY} at a time, and ${CONNECTIONS} connections one after the other.
Needs what a lab needs. Ends after ${MINUTES} minutes at the latest, but for the look or the \`pulumi up\` that is under way.
Rounds are added to those of the file of --json. --runs 0 only prints what is in it.`;

export async function dataplane(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      ways: { type: "string", default: names.join(",") },
      runs: { type: "string", default: "3" },
      json: { type: "string" },
      svg: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const runs = whole("--runs", values.runs, 0);
  const wanted = words("--ways", values.ways, names);
  const json = values.json === undefined ? undefined : resolve(values.json);
  const rounds: Round[] = json !== undefined && existsSync(json) ? kept(json) : [];
  if (runs > 0)
    await measure(wanted, runs, (round) => {
      rounds.push(round);
      if (json !== undefined) writeFileSync(json, `${JSON.stringify(rounds, undefined, 1)}\n`);
    });
  if (rounds.length === 0) throw new Error("--runs 0: must have a file of --json with rounds in it, got none");
  const ratios = compare(rounds);
  console.log(table(ratios, direct(rounds)));
  if (values.svg !== undefined) writeFileSync(resolve(values.svg), plot(ratios));
}

/** Goes each way in turn, and tells of each round as it ends. */
async function measure(wanted: string[], runs: number, tell: (round: Round) => void): Promise<void> {
  const begin = Date.now();
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => stop.abort(new Error(`dataplane: ended by ${signal}`)));
  const say = (text: string) =>
    console.error(
      `[${String(Math.round((Date.now() - begin) / 1000)).padStart(4)} s, load ${loadavg()[0]!.toFixed(1)}] ${text}`,
    );
  const next = <T>(work: () => Promise<T>): Promise<T> => {
    stop.signal.throwIfAborted();
    if (Date.now() - begin > MINUTES * 60_000)
      throw new Error(`dataplane: must end within ${MINUTES} minutes. Ask for fewer --ways or --runs.`);
    return work();
  };
  const lab = new DataplaneLab();
  try {
    await next(() => lab.init());
    for (const way of ways.filter(({ name }) => wanted.includes(name))) {
      const seconds = await next(() => lab.take(way));
      say(`${way.name}: up in ${seconds.toFixed(0)} s`);
      let before = await next(() => lab.sample("real server"));
      for (let round = 1; round <= runs; round++) {
        const through = await next(() => lab.sample("service"));
        const after = await next(() => lab.sample("real server"));
        tell({ way: way.name, round, before, through, after });
        const figures = [before, through, after].map(({ fresh, kept, connect }) =>
          [fresh.toFixed(0), kept.toFixed(0), `${connect.toFixed(2)} ms`].join(" "),
        );
        say(`${way.name}, round ${round}: direct ${figures[0]}, through ${figures[1]}, direct ${figures[2]}`);
        before = after;
      }
    }
  } finally {
    await lab.clean();
  }
}

function kept(path: string): Round[] {
  return JSON.parse(readFileSync(path, "utf8")) as Round[];
}
