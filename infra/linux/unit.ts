import type { Step } from "../host/types.js";
import type { UnitWant } from "../plan/types.js";
import type { Noun, Reading } from "./noun.js";
import { checkName, known } from "./reading.js";

/** A unit as it was read. */
export interface UnitHave extends UnitWant {
  /** systemd's own word: enabled, disabled, static, masked … */
  file: string;
}

const PROPERTIES = ["Id", "LoadState", "ActiveState", "SubState", "UnitFileState"];

/** systemd units by full name. A failed unit is not active. */
export const unit: Noun<UnitWant, UnitHave> = {
  read(keys) {
    keys.forEach((key) => checkName("units", key));
    const argv = ["systemctl", "show", `--property=${PROPERTIES.join(",")}`, "--", ...keys];
    return {
      steps: keys.length > 0 ? [{ argv }] : [],
      parse: (results) => {
        const blocks = (results[0]?.stdout ?? "").trim().split(/\n\n/);
        if (keys.length > 0 && blocks.length !== keys.length)
          throw new Error(`systemctl show must answer for ${keys.length} units, got ${blocks.length}.`);
        return Object.fromEntries(keys.map((key, index) => [key, parseBlock(blocks[index]!)]));
      },
    };
  },

  equal(have, want) {
    if (want === undefined) return have.state === "absent";
    if (have.state !== "present") return false;
    return have.value.active === want.active && (isFixed(have.value) || have.value.enabled === want.enabled);
  },

  change(key, have, want) {
    known("units", key, have);
    if (unit.equal(have, want)) return [];
    const wish = want ?? { enabled: false, active: false };
    // A unit that is absent now may come with a package in the same batch, and Debian starts what it installs.
    const was = have.state === "present" ? have.value : { enabled: !wish.enabled, active: !wish.active, file: "" };
    const steps: Step[] = [];
    if (was.file === "masked" && (wish.active || wish.enabled)) steps.push(systemctl("unmask", key));
    if (was.enabled !== wish.enabled && !isFixed(was)) steps.push(systemctl(wish.enabled ? "enable" : "disable", key));
    if (was.active !== wish.active)
      steps.push({
        ...systemctl(wish.active ? "start" : "stop", key),
        title: `${wish.active ? "starting" : "stopping"} ${key}`,
      });
    // A unit whose file is about to go must not be remembered as failed.
    if (want === undefined) steps.push({ ...systemctl("reset-failed", key), accept: "any" });
    return steps;
  },

  restore(key, have, found) {
    if (found.state === "unreadable") return [];
    if (have.state === "absent") return [];
    if (found.state === "absent") return unit.change(key, have, undefined);
    const steps = unit.change(key, have, found.value);
    return found.value.file === "masked" ? [...steps, systemctl("mask", key)] : steps;
  },
};

/** Makes systemd read changed unit files. */
export function daemonReload(): Step {
  return systemctl("daemon-reload");
}

/** Makes a daemon read its configuration again; success is not application. */
export function reload(name: string): Step {
  return systemctl("reload", name);
}

/**
 * Brings a unit to its present files, whatever has become of it: a reload where it is whole, else a new start. What these
 * steps say is not asked: whoever reads the daemon afterwards learns more.
 */
export function revive(name: string, whole: boolean): Step[] {
  return ["reset-failed", whole ? "reload-or-restart" : "restart"].map((verb) => ({
    ...systemctl(verb, name),
    accept: "any",
  }));
}

/** Ends and starts a unit. */
export function restart(name: string): Step {
  return systemctl("restart", name);
}

function systemctl(verb: string, ...names: string[]): Step {
  return { argv: ["systemctl", "--quiet", verb, ...names], timeoutSeconds: 120 };
}

/** Units without an [Install] section can be neither enabled nor disabled. */
function isFixed(have: UnitHave): boolean {
  return ["static", "generated", "transient", "indirect", "alias"].includes(have.file);
}

function parseBlock(block: string): Reading<UnitHave> {
  const pairs = block.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]);
  const { LoadState, ActiveState, SubState, UnitFileState = "" }: Record<string, string> = Object.fromEntries(pairs);
  if (LoadState === "not-found") return { state: "absent" };
  if (!ActiveState) return { state: "unreadable", reason: "no answer of systemd" };
  // A daemon that crashes again and again is "activating" between two attempts.
  const active = ["active", "reloading", "activating"].includes(ActiveState) && SubState !== "auto-restart";
  const file = LoadState === "masked" ? "masked" : UnitFileState;
  return { state: "present", value: { enabled: file.startsWith("enabled"), active, file } };
}
