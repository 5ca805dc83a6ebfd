import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "./errors.js";

/** Seconds until killed processes must be gone; the kernel tears down a guest's memory in well under one. */
const GONE_SECONDS = 20;

/** A process of a lab machine. */
export interface LabProcess {
  pid: number;
  /** The mark that its machine carries among its arguments. */
  mark: string;
  /** True for the one that leads the session: the machine itself. */
  leader: boolean;
}

/** What `/proc` tells of a process. */
interface Seen {
  pid: number;
  session: number;
  mark?: string;
}

/** Fields 3 (state) and 6 (session) of `/proc/<pid>/stat`; the name before them may hold spaces and brackets. */
export function parseStat(text: string): { state: string; session: number } {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", session: Number(fields[3]) };
}

/** The lab machine's mark in the arguments of a process: `umid=lvs-…` of a guest kernel, `guest=lvs-…` of QEMU. */
export function markOf(cmdline: string): string | undefined {
  const argv = cmdline.split("\0");
  if (/(^|\/)qemu-system-[^/]+$/.test(argv[0] ?? "")) return markAmong(argv, "guest=");
  // The kernel under its own name or that of its start script, or the script still in its shell.
  const kernel = /(^|\/)(linux\.uml|start)$/.test(argv[0] ?? "");
  const starts = kernel || (argv[1] === "./start" && /(^|\/)bash$/.test(argv[0] ?? ""));
  return starts ? markAmong(argv, "umid=") : undefined;
}

function markAmong(argv: string[], key: string): string | undefined {
  return argv.find((word) => word.startsWith(`${key}lvs-`))?.slice(key.length);
}

async function inspect(pid: number): Promise<Seen | undefined> {
  try {
    const { state, session } = parseStat(await readFile(`/proc/${pid}/stat`, "utf8"));
    if (state === "Z" || state === "X") return undefined;
    return { pid, session, mark: markOf(await readFile(`/proc/${pid}/cmdline`, "utf8")) };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // It ended while it was looked at.
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw cause;
  }
}

/**
 * All living processes of the lab machines whose mark passes: those that carry it, and whatever else is in the session
 * of a machine. Found by their arguments, so a reused pid never matches.
 */
export async function findProcesses(matches: (mark: string) => boolean): Promise<LabProcess[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const seen = (await Promise.all(pids.map(inspect))).filter((each) => each !== undefined);
  const marks = new Map(seen.flatMap(({ pid, session, mark }) => (mark && pid === session ? [[pid, mark]] : [])));
  return seen.flatMap(({ pid, session, mark = marks.get(session) }) =>
    mark !== undefined && matches(mark) ? [{ pid, mark, leader: pid === session }] : [],
  );
}

/** Kills with SIGKILL until nothing is left: a guest's processes are traced children that may still be forking. */
export async function killProcesses(matches: (mark: string) => boolean): Promise<void> {
  const deadline = Date.now() + GONE_SECONDS * 1000;
  for (;;) {
    const left = await findProcesses(matches);
    if (left.length === 0) return;
    if (Date.now() > deadline) {
      const pids = left.map((each) => each.pid).join(" ");
      throw new LabError(`processes ${pids}: still there ${GONE_SECONDS} s after SIGKILL. See "ps -o pid,stat,args".`);
    }
    // The machine itself first: it is what makes new ones.
    for (const { pid } of left.sort((a, b) => Number(b.leader) - Number(a.leader))) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
      }
    }
    await sleep(20);
  }
}
