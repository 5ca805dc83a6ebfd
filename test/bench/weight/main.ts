/** `npm run bench -- --weight`: see docs/performance.md. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { whole } from "../options.js";
import { realServer, wanted } from "../setup.js";
import { empty } from "../tools/toolkit.js";
import { WeightLab } from "./lab.js";
import { type Change, checkTouched, table } from "./table.js";

const usage = `npm run bench -- --weight [--real-servers 100] [--runs 5] [--json <file>]

Sets up one cluster: two directors that are machines of a lab, and real servers that are namespaces of this machine on the
directors' segment. Then changes the weight of one real server by one \`pulumi up\` after the other, and sees that each one
touches both directors and no real server, and that the kernel of both has the weight. Needs what a lab needs, and root.
Changes are added to those of the file of --json. --runs 0 only prints what is in it.`;

/** Two weights in turn. */
const WEIGHTS = [3, 1];

export async function weight(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      "real-servers": { type: "string", default: "100" },
      runs: { type: "string", default: "5" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const count = whole("--real-servers", values["real-servers"]);
  const runs = whole("--runs", values.runs, 0);
  const json = values.json === undefined ? undefined : resolve(values.json);
  const changes: Change[] =
    json !== undefined && existsSync(json) ? (JSON.parse(readFileSync(json, "utf8")) as Change[]) : [];
  if (runs > 0)
    await measure(count, runs, (change) => {
      changes.push(change);
      if (json !== undefined) writeFileSync(json, `${JSON.stringify(changes, undefined, 1)}\n`);
    });
  if (changes.length === 0) throw new Error("--runs 0: must have a file of --json with changes in it, got none");
  console.log(table(changes));
}

/** Tells of each change as it has been made. */
async function measure(count: number, runs: number, tell: (change: Change) => void): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("bench: namespaces and overlays need root. Run it as root.");
  const begin = Date.now();
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => stop.abort(new Error(`weight: ended by ${signal}`)));
  const say = (text: string) =>
    console.error(`[${String(Math.round((Date.now() - begin) / 1000)).padStart(4)} s] ${text}`);
  const folder = mkdtempSync(join(tmpdir(), "lvs-bench-"));
  const lab = new WeightLab(folder);
  try {
    await lab.boot(count);
    say(`directors and ${count} real servers are up`);
    const first = await lab.up({});
    say(`first up in ${first.seconds.toFixed(1)} s, ${Object.keys(first.connections).length} hosts`);
    const answered = await lab.answering();
    if (answered.size !== count)
      throw new Error(`${count} real servers must answer through the VIP, got ${answered.size}`);
    say(`${answered.size} real servers answer through the VIP`);
    const plan = realServer();
    const site = { folder: join(folder, "empty"), hosts: lab.hosts, all: [], plan, wanted: wanted(plan) };
    mkdirSync(site.folder);
    await empty.prepare(site);
    const name = lab.realServers[Math.floor(count / 2)]!.name;
    // The first one of each is not measured: it makes what is kept between runs.
    for (let run = 0; run <= runs; run++) {
      stop.signal.throwIfAborted();
      const weight = WEIGHTS[run % WEIGHTS.length]!;
      const { seconds } = await empty.phases[0]!.run(site);
      const load = loadavg()[0]!;
      const up = await lab.up({ [name]: weight });
      checkTouched(up);
      if (run > 0) tell({ ...up, realServers: count, run, weight, empty: seconds, load });
      say(
        `${name}: weight ${weight} in ${up.seconds.toFixed(2)} s, an empty program in ${seconds.toFixed(2)} s; ` +
          `connections ${JSON.stringify(up.connections)}`,
      );
    }
  } finally {
    await lab.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
