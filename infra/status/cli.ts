/** Shows what a stack's hosts do now, `npm run -s status -- <stack> [--watch] [--json]`; exits 0, 7 or 1. */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { readState } from "./export.js";
import { Eyes, type Sight } from "./look.js";
import { paintFor } from "./paint.js";
import { jsonSchema, type Status } from "./schema.js";
import { screen } from "./screen.js";
import { clustersOf, type KnownCluster } from "./state.js";
import { statusOf } from "./status.js";

const HELP = `Usage: npm run -s status -- <stack> [--watch] [--json]
       npm run -s status -- --schema

  --watch   look again each second until Ctrl-C; with --json a line for each look
  --json    for programs, as docs/status.schema.json says
  --schema  print that schema

Exits 0 when all is healthy, 7 when something is not, 1 when a host could not be read or the command failed.
`;

/** As of `npm run drift`: looked, and it is not as it should be; a host that could not be read is a failure. */
const EXIT: Record<Status["verdict"], number> = { healthy: 0, unhealthy: 7, unread: 1 };
/** Milliseconds between two looks of a watch. */
const PAUSE_MS = 1000;

/** All hosts, each with what was last seen of it; a host that is slow to answer holds up no other. */
class Gaze {
  private readonly seen = new Map<object, Sight>();
  private readonly busy = new Map<object, Promise<void>>();

  constructor(
    private readonly stack: string,
    private readonly clusters: KnownCluster[],
    private readonly eyes: Eyes,
  ) {}

  /** Asks every host that is not being asked. Waits for all answers, at most for so many milliseconds. */
  async look(limit?: number): Promise<Status> {
    for (const cluster of this.clusters)
      for (const host of cluster.hosts) {
        if (this.busy.has(host)) continue;
        const asked = this.eyes.look(cluster, host).then((sight) => {
          this.seen.set(host, sight);
          this.busy.delete(host);
        });
        this.busy.set(host, asked);
      }
    const all = Promise.all(this.busy.values());
    await (limit === undefined ? all : Promise.race([all, sleep(limit, undefined, { ref: false })]));
    return statusOf(this.stack, this.clusters, (_, host) => this.seen.get(host), Date.now());
  }
}

async function watch(gaze: Gaze, show: (status: Status) => void): Promise<void> {
  let ended = false;
  const end = new AbortController();
  process.once("SIGINT", () => {
    ended = true;
    end.abort();
  });
  show(await gaze.look());
  while (!ended) {
    const begin = Date.now();
    const status = await gaze.look(PAUSE_MS);
    if (ended) break;
    show(status);
    await sleep(Math.max(0, begin + PAUSE_MS - Date.now()), undefined, { signal: end.signal }).catch(() => undefined);
  }
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      watch: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      schema: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help || values.schema) {
    process.stdout.write(values.help ? HELP : jsonSchema());
    return 0;
  }
  const [stack, ...more] = positionals;
  if (stack === undefined || more.length > 0)
    throw new Error(`status: one stack must be named, got ${positionals.join(" ") || "none"}.\n${HELP}`);
  const eyes = new Eyes((message) => console.error(`warning: ${message}`));
  const gaze = new Gaze(stack, clustersOf(stack, await readState(stack)), eyes);
  const paint = paintFor(process.stdout);
  const text = (status: Status) => (values.json ? `${JSON.stringify(status)}\n` : screen(status, paint));
  try {
    if (!values.watch) {
      const status = await gaze.look();
      process.stdout.write(values.json ? `${JSON.stringify(status, null, 2)}\n` : text(status));
      return EXIT[status.verdict];
    }
    const onTerminal = process.stdout.isTTY && !values.json;
    if (onTerminal) process.stdout.write("\x1b[2J");
    await watch(gaze, (status) => {
      // Line over line, so that nothing flickers; a pipe gets one screen after the other.
      const shown = text(status);
      process.stdout.write(onTerminal ? `\x1b[H${shown.replaceAll("\n", "\x1b[K\n")}\x1b[J` : shown);
    });
    return 0;
  } finally {
    await eyes.close();
  }
}

// Who reads a watch may have seen enough (`| head`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
