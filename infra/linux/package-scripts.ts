import type { Step } from "../host/types.js";
import { script } from "./script.js";

/** Seconds beyond the wait for another run's lock (`patience` in `sh/package-manager.sh`) that reading may take. */
const READ_SECONDS = 480;
const CHANGE_SECONDS = 1200;

/** Reads packages: one line for each name, then what else installing the absent ones would bring. */
export function readPackages(names: string[]): Step {
  return step("read-packages", names, READ_SECONDS, "reading packages");
}

/** Installs packages that are absent. */
export function installPackages(names: string[]): Step {
  return step("install-packages", names, CHANGE_SECONDS, `installing ${names.join(", ")}`);
}

/** Removes packages of ours with what `along` still is of no use to others; of those in `config` the configuration stays. */
export function purgePackages(ours: string[], along: string[], config: string[]): Step {
  const names = [...ours, "--", ...along, "--", ...config];
  return step("purge-packages", names, CHANGE_SECONDS, `removing ${ours.join(", ")}`);
}

/** A script for packages: the same for all families, since only the host knows which one it is of. */
function step(name: string, args: string[], timeoutSeconds: number, title: string): Step {
  return script(name, args, { timeoutSeconds, title, tells: true });
}
