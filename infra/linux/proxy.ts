import type { Step, StepResult } from "../host/types.js";
import type { Query } from "./noun.js";
import { lines, script } from "./script.js";

/** The proxies that a director can run. */
export type Engine = "nginx" | "haproxy";

/** Where each reads its configuration. */
export const configurations: Readonly<Record<Engine, string>> = {
  nginx: "/etc/nginx/nginx.conf",
  haproxy: "/etc/haproxy/haproxy.cfg",
};

/** The unit of a proxy. */
export function unitOf(engine: Engine): string {
  return `${engine}.service`;
}

/** The step that lets a proxy read a configuration without serving it. */
export function validate(engine: Engine, path: string): Step {
  const argv = engine === "nginx" ? ["nginx", "-t", "-q", "-c", path] : ["haproxy", "-c", "-f", path];
  return { argv, accept: "any" };
}

/** What a proxy said of a configuration, without the time and the severity that it puts before. Its exit code is to be trusted. */
export function complaints({ argv, code, stdout, stderr }: StepResult): string[] {
  if (code === 0) return [];
  const said = lines(`${stdout}${stderr}`)
    .filter((line) => !/^\[(NOTICE|WARNING)\]/.test(line))
    .map((line) => line.replace(/^(\[\w+\]\s+\(\d+\) : |nginx: )/, "").trim())
    .filter((line) => line !== "");
  return said.length > 0 ? said : [`${argv.slice(0, 2).join(" ")} exited ${code} without a word`];
}

/** What of a proxy runs. */
export interface ProxyState {
  alive: boolean;
  /** Processes that take new connections, in the order of their age: those of an old configuration only finish. */
  workers: number[];
  /** Where anything on the host listens: `192.0.2.1:80`, `0.0.0.0:80`, `[::]:80`. */
  listens: string[];
}

/** Asks systemd and the kernel what of a proxy runs. */
export function state(engine: Engine): Query<ProxyState> {
  return {
    steps: [script("read-proxy", [engine])],
    parse: ([result]) => {
      const rows = lines(result!.stdout).map((line) => line.split(" ") as [string, string]);
      const of = (word: string) => rows.filter(([kind]) => kind === word).map(([, value]) => value);
      const workers = of("worker").map(Number);
      return { alive: of("main").length > 0 && workers.length > 0, workers, listens: of("listen") };
    },
  };
}

/** Where nginx writes who was asked and who answered, in the format of our own configuration. */
const accessLog = "/var/log/nginx/access.log";

/** How far a log was written: its file, which a rotation moves away, and the bytes in it. */
export interface LogEnd {
  inode: string;
  length: string;
}

/** The end of nginx's log by now. */
export function logEnd(): Query<LogEnd> {
  return {
    steps: [{ argv: ["sh", "-c", 'stat -c "%i %s" -- "$0" 2>/dev/null || echo 0 0', accessLog] }],
    parse: ([result]) => {
      const [inode = "0", length = "0"] = result!.stdout.trim().split(" ");
      return { inode, length };
    },
  };
}

/** How often nginx gave something to a real server since its log ended there, by `<address>:<port> <real server>`. */
export function loggedSince({ inode, length }: LogEnd): Query<Record<string, number>> {
  return {
    steps: [script("log-since", [accessLog, inode, length])],
    parse: ([result]) => {
      const counts: Record<string, number> = {};
      for (const line of lines(result!.stdout)) {
        const [, count, address, port, upstreams = ""] = /^ *(\d+) (\S+) (\d+) "(.*)$/.exec(line) ?? [];
        if (address === undefined) continue;
        const place = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
        // One that failed stands before the one that answered: `192.0.2.1:80, 192.0.2.2:80`.
        for (const upstream of upstreams.split(/[,\s]+/).filter((each) => each !== "" && each !== "-"))
          counts[`${place} ${upstream}`] = (counts[`${place} ${upstream}`] ?? 0) + Number(count);
      }
      return counts;
    },
  };
}
