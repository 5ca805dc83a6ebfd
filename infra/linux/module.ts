import type { Noun, Reading } from "./noun.js";
import { checkName, tracesOf, unexpected, withTraces } from "./reading.js";
import { lines, script } from "./script.js";

type Loaded = "loaded";

/** Kernel modules by name; what loading one brought along is unloaded with it. */
export const module: Noun<Loaded> = {
  read(keys) {
    keys.forEach((key) => checkName("modules", key));
    return {
      steps: keys.length > 0 ? [script("read-modules", keys.map(underscored))] : [],
      parse: (results) => {
        const answers = lines(results[0]?.stdout ?? "");
        if (answers.length !== keys.length) throw unexpected("reading modules", results[0]?.stdout ?? "");
        return Object.fromEntries(keys.map((key, index) => [key, reading(key, answers[index]!)]));
      },
    };
  },

  equal: (have, want) => (have.state === "present") === (want !== undefined),

  change: (key, have, want) => module.changeAll!({ [key]: have }, { [key]: want }),

  changeAll(haves, wants) {
    const missing = Object.keys(wants).filter((key) => wants[key] && haves[key]?.state !== "present");
    return missing.length > 0 ? [{ argv: ["modprobe", "-a", "--", ...missing.map(underscored)] }] : [];
  },

  inherit(key, found, olders) {
    // Loaded as another one of ours needs it: before us it was not.
    const brought = found.state === "present" && tracesOf(olders).includes(underscored(key));
    const before = brought ? ({ state: "absent" } as const) : found;
    return withTraces(before, olders);
  },

  restore: (key, have, found) => module.restoreAll!({ [key]: have }, { [key]: found }),

  restoreAll(_haves, founds) {
    const ours = Object.keys(founds).filter((key) => founds[key]!.state === "absent");
    const traces = tracesOf(Object.values(founds));
    // Longer names first: ip_vs_rr uses ip_vs and has to go before it. What they brought along goes last, users first.
    const first = ours.map(underscored).sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
    const last = traces.filter((name) => !first.includes(name)).reverse();
    return first.length > 0 ? [script("unload-modules", [...first, ...last])] : [];
  },
};

function reading(key: string, line: string): Reading<Loaded> {
  const [state, ...along] = line.split(" ");
  if (state === "loaded") return { state: "present", value: "loaded" };
  if (state === "unreadable") return { state: "unreadable", reason: along.join(" ") };
  if (state !== "absent") throw unexpected(`reading module ${key}`, line);
  const trace = along.filter((name) => name !== underscored(key));
  return trace.length > 0 ? { state: "absent", trace } : { state: "absent" };
}

/** The kernel writes module names with underscores, whatever the file is called. */
function underscored(name: string): string {
  return name.replaceAll("-", "_");
}
