import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "./errors.js";

/** Seconds until killed processes must be gone; the kernel tears down a guest's memory in well under one. */
const GONE_SECONDS = 20;

/** A process of a lab machine. */
export interface LabProcess {
  pid: number;
  /** The mark that it carries among its arguments. */
  mark: string;
  /** True for the one that leads the session: the machine itself. */
  leader: boolean;
}

/** The value of the first argument `<name>=<value>`. */
function argument(argv: string[], names: string[]): string | undefined {
  for (const word of argv) {
    const at = word.indexOf("=");
    if (at > 0 && names.includes(word.slice(0, at))) return word.slice(at + 1);
  }
  return undefined;
}

/** Fields 3 (state) and 6 (session) of `/proc/<pid>/stat`; the name before them may hold spaces and brackets. */
export function parseStat(text: string): { state: string; session: number } {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", session: Number(fields[3]) };
}

async function inspect(pid: number): Promise<LabProcess | undefined> {
  try {
    const argv = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
    const mark = argument(argv, ["umid"]);
    if (mark === undefined || !/(^|\/)linux(\.uml)?$/.test(argv[0] ?? "")) return undefined;
    const { state, session } = parseStat(await readFile(`/proc/${pid}/stat`, "utf8"));
    return state === "Z" || state === "X" ? undefined : { pid, mark, leader: session === pid };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // It ended while it was looked at.
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw cause;
  }
}

/** All living processes of lab machines whose mark passes; found by their arguments, so a reused pid never matches. */
export async function findProcesses(matches: (mark: string) => boolean): Promise<LabProcess[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(inspect));
  return found.filter((each) => each !== undefined && matches(each.mark)) as LabProcess[];
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
