/** `npm run bench`: see docs/performance.md. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Hosts } from "./hosts.js";
import { Computing } from "./computing.js";
import { dataplane } from "./dataplane/main.js";
import { type Measured, measure } from "./measure.js";
import { whole, words } from "./options.js";
import { summarise } from "./summary.js";
import { plot } from "./plot.js";
import { table } from "./table.js";
import { ansible } from "./tools/ansible.js";
import { others as environment } from "./tools/environment.js";
import { floor } from "./tools/floor.js";
import { pyinfra } from "./tools/pyinfra.js";
import type { Tool } from "./tools/tool.js";
import { weight } from "./weight/main.js";
import { empty, toolkit } from "./tools/toolkit.js";

const usage = `npm run bench -- [--hosts 5,20,50,100] [--runs 3] [--tools empty,floor,lvs,pyinfra,ansible] [--json <file>] [--svg <file>] [--plot seconds|computing]

Sets up real servers that are namespaces of this machine, with each of the tools in turn, and prints medians.
Needs root. Measurements are added to those of the file of --json. --runs 0 only prints what is in it.
npm run bench -- --dataplane --help tells of another bench: what requests cost by each way to a real server.
npm run bench -- --weight --help of a third one: what a changed weight costs with a hundred real servers.`;

const names = ["empty", "floor", "lvs", "pyinfra", "ansible"] as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      hosts: { type: "string", default: "5,20,50,100" },
      runs: { type: "string", default: "3" },
      tools: { type: "string", default: names.join(",") },
      json: { type: "string" },
      svg: { type: "string" },
      plot: { type: "string", default: "seconds" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const sizes = values.hosts.split(",").map((text) => whole("--hosts", text));
  const runs = whole("--runs", values.runs, 0);
  const wanted = words("--tools", values.tools, names);
  if (values.plot !== "seconds" && values.plot !== "computing")
    throw new Error(`--plot: must be seconds or computing, got ${values.plot}`);
  if (process.getuid?.() !== 0) throw new Error("bench: namespaces and overlays need root. Run it as root.");

  const folder = mkdtempSync(join(tmpdir(), "lvs-bench-"));
  const computing = new Computing();
  const hosts = new Hosts(folder, Math.max(...sizes));
  const stop = () => process.exit(130);
  process.once("SIGINT", stop).once("SIGTERM", stop);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const json = values.json === undefined ? undefined : resolve(values.json);
  // What was measured before in other sittings counts as well.
  const measured: Measured[] = json !== undefined && existsSync(json) ? kept(json) : [];
  try {
    const bin = runs > 0 && wanted.some((name) => name === "ansible" || name === "pyinfra") ? await environment() : "";
    const made: Record<(typeof names)[number], Tool> = {
      empty,
      floor,
      lvs: toolkit,
      pyinfra: pyinfra(bin),
      ansible: ansible(bin),
    };
    const tools = wanted.map((name) => made[name]);
    for (const count of sizes)
      // In turn: what slows the machine down for a while slows all of them.
      for (let run = 1; run <= runs; run++)
        for (const tool of tools) {
          const some = await measure(tool, hosts, { folder, count, run, computing });
          measured.push(...some);
          if (json !== undefined) writeFileSync(json, `${JSON.stringify(measured, undefined, 1)}\n`);
          const seconds = some.map(
            (each) => `${each.phase} ${each.seconds.toFixed(2)} s, ${each.connections} connections`,
          );
          console.error(`${count} hosts, run ${run}, ${tool.name}: ${seconds.join("; ")}`);
        }
  } finally {
    await hosts.close();
    computing.close();
  }
  const medians = summarise(measured);
  console.log(table(medians));
  if (values.svg !== undefined) writeFileSync(resolve(values.svg), plot(medians, values.plot));
}

function kept(path: string): Measured[] {
  return JSON.parse(readFileSync(path, "utf8")) as Measured[];
}

const args = process.argv.slice(2);
const others = { "--dataplane": dataplane, "--weight": weight };
const [other, run] = Object.entries(others).find(([word]) => args.includes(word)) ?? [];
(run ? run(args.filter((word) => word !== other)) : main()).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
