import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "./command.js";
import { engineOf } from "./engines.js";
import { LabCommandError, LabError } from "./errors.js";
import type { MachineRecord } from "./inventory.js";
import { processMark } from "./names.js";
import { machinePaths } from "./paths.js";
import { findProcesses } from "./processes.js";
import { sshArgv } from "./ssh.js";

/** What a caller may want of a long-running call. */
export interface Waiting {
  /** Told what goes on, for instance `booting, 7 s`. */
  progress?: (message: string) => void;
  /** Aborts the waiting; the machine goes on booting. */
  signal?: AbortSignal;
  /** Seconds; those of the machine's engine when left out. */
  timeoutSeconds?: number;
}

/** True when an SSH server greets on that address. */
export function greets(address: string, port = 22, milliseconds = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: milliseconds });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("data", (data) => done(data.toString("latin1").startsWith("SSH-")));
    socket.once("timeout", () => done(false));
    // Refused, unreachable or closed: all of them mean "not yet".
    socket.once("error", () => done(false));
    socket.once("close", () => done(false));
  });
}

/** The last lines that a machine wrote to its console. */
export async function consoleTail(id: string, machine: string, lines = 15): Promise<string> {
  const text = await readFile(machinePaths(id, machine).console, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return "";
    throw cause;
  });
  return text.trimEnd().split("\n").slice(-lines).join("\n") || "(nothing)";
}

/** Throws an error for a machine that does not come up, with what a person needs to go on. */
async function give(id: string, name: string, what: string, next = "Run the same command again."): Promise<never> {
  const { console } = machinePaths(id, name);
  const tail = await consoleTail(id, name);
  throw new LabError(`machine ${name}: ${what}. Its console (${console}) ends with:\n${tail}\n${next}`);
}

/** Exit code of a command on the machine; 255 when ssh does not take us in (yet). */
async function remoteCode(id: string, machine: MachineRecord, words: string[], signal?: AbortSignal): Promise<number> {
  try {
    await run(sshArgv(id, machine.managementAddress, words), { signal });
    return 0;
  } catch (cause) {
    if (cause instanceof LabCommandError && typeof cause.code === "number") return cause.code;
    throw cause;
  }
}

/** True when the machine has finished booting; false when ssh does not take us in yet. */
async function booted(id: string, machine: MachineRecord, signal?: AbortSignal): Promise<boolean> {
  // --wait: a machine that is handed out has settled, so that what is found on it is what it keeps.
  const code = await remoteCode(id, machine, ["systemctl", "is-system-running", "--wait"], signal);
  if (code === 255) return false;
  // Degraded: a unit failed. That may be the user's, but not the one that sets the machine up.
  const initFailed = ["systemctl", "is-failed", "--quiet", "lab-init.service"];
  if (code !== 0 && (await remoteCode(id, machine, initFailed, signal)) === 0) {
    const next = "Correct the machine's addresses and routes.";
    await give(id, machine.name, "could not apply its configuration (lab-init.service failed)", next);
  }
  return true;
}

/** Waits until a started machine takes a login and has finished booting. */
export async function waitForBoot(id: string, machine: MachineRecord, waiting: Waiting = {}): Promise<void> {
  const { signal, progress = () => undefined, timeoutSeconds = engineOf(machine).bootSeconds } = waiting;
  const begin = Date.now();
  const seconds = () => Math.round((Date.now() - begin) / 1000);
  const ticker = setInterval(() => progress(`booting, ${seconds()} s`), 1000);
  const mark = processMark(id, machine.name);
  const deadline = AbortSignal.timeout(timeoutSeconds * 1000);
  const stop = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  try {
    for (;;) {
      if (await greets(machine.managementAddress)) {
        if (await booted(id, machine, stop)) return;
      } else if ((await findProcesses((each) => each === mark)).length === 0) {
        await give(id, machine.name, `stopped after ${seconds()} s instead of booting`);
      }
      await sleep(200, undefined, { signal: stop });
    }
  } catch (cause) {
    if (deadline.aborted && !signal?.aborted) await give(id, machine.name, `takes no login after ${timeoutSeconds} s`);
    throw cause;
  } finally {
    clearInterval(ticker);
  }
}
