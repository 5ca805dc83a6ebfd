import type { Noun, Reading } from "./noun.js";
import { linePerKey, script } from "./script.js";

type Loaded = "loaded";

const READ = `
for module; do
  if [ -d "/sys/module/$module" ]; then echo loaded
  elif grep -q "/$module\\\\.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null; then echo builtin
  else echo absent; fi
done`;

// A module in use by something else stays: that is the host's business by now, and no failure.
const UNLOAD = `
for module; do
  [ -d "/sys/module/$module" ] || continue
  modprobe -r -- "$module" || echo "module $module stays: it is in use" >&2
done`;

/** Kernel modules by name, with underscores as `/sys/module` writes them. */
export const module: Noun<Loaded> = {
  read(keys) {
    return {
      steps: keys.length > 0 ? [script(READ, keys.map(underscored))] : [],
      parse: (results) =>
        Object.fromEntries(
          linePerKey(keys, results[0]?.stdout ?? "").map(([key, line]): [string, Reading<Loaded>] => [
            key,
            line === "absent" ? { state: "absent" } : { state: "present", value: "loaded" },
          ]),
        ),
    };
  },

  equal: (have, want) => (have.state === "present") === (want !== undefined),

  change: (key, have, want) => module.changeAll!({ [key]: have }, { [key]: want }),

  changeAll(haves, wants) {
    const missing = Object.keys(wants).filter((key) => wants[key] && haves[key]?.state !== "present");
    return missing.length > 0 ? [{ argv: ["modprobe", "-a", "--", ...missing.map(underscored)] }] : [];
  },

  restore: (key, have, found) => module.restoreAll!({ [key]: have }, { [key]: found }),

  restoreAll(haves, founds) {
    const ours = Object.keys(founds).filter((key) => founds[key]!.state === "absent");
    // Longer names first: ip_vs_rr uses ip_vs and has to go before it.
    const going = ours.sort((a, b) => b.length - a.length || a.localeCompare(b)).map(underscored);
    return going.length > 0 ? [script(UNLOAD, going)] : [];
  },
};

function underscored(name: string): string {
  return name.replaceAll("-", "_");
}
