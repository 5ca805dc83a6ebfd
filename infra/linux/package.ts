import type { Noun, Reading } from "./noun.js";
import { installPackages, purgePackages, readPackages } from "./package-scripts.js";
import { checkName, tracesOf, withTraces } from "./reading.js";
import { lines } from "./script.js";

type Installed = "installed";

const STATES = ["installed", "absent"];
/** In a trace: the package was not installed, but its configuration was there (dpkg's state `config-files`). */
const CONFIG = "config-files ";

/**
 * Packages of the host's distribution, by Debian's name where a plan asks for them: the host's script knows the manager (apt,
 * dnf, yum, zypper) and its names. What came along with an installation is removed with it, nothing else.
 */
export const packages: Noun<Installed> = {
  read(keys) {
    keys.forEach((key) => checkName("packages", key));
    return {
      steps: keys.length > 0 ? [readPackages(keys)] : [],
      parse: (results) => {
        const output = lines(results[0]?.stdout ?? "").map((line) => line.split(" "));
        const named = (kind: string) => output.filter(([state]) => state === kind).map(([, name]) => name!);
        const trace = [...named("along"), ...named("config").map((name) => `${CONFIG}${name}`)];
        const [manager] = output.filter(([state]) => state === "unreadable");
        return Object.fromEntries(
          keys.map((key): [string, Reading<Installed>] => {
            const kind = output.find(([state, name]) => STATES.includes(state!) && name === key)?.[0];
            if (kind === "installed") return [key, { state: "present", value: "installed" }];
            if (kind === "absent") return [key, trace.length > 0 ? { state: "absent", trace } : { state: "absent" }];
            return [
              key,
              { state: "unreadable", reason: manager?.slice(1).join(" ") ?? "no answer of the package manager" },
            ];
          }),
        );
      },
    };
  },

  equal: (have, want) => (have.state === "present") === (want !== undefined),

  inherit: (_key, found, olders) => withTraces(found, olders),

  change(key, have, want) {
    return packages.changeAll!({ [key]: have }, { [key]: want });
  },

  changeAll(haves, wants) {
    const missing = Object.keys(wants).filter((key) => wants[key] && haves[key]?.state !== "present");
    missing.forEach((key) => checkName("packages", key));
    return missing.length > 0 ? [installPackages(missing)] : [];
  },

  restore(key, have, found) {
    return packages.restoreAll!({ [key]: have }, { [key]: found });
  },

  restoreAll(_haves, founds) {
    const ours = Object.keys(founds).filter((key) => founds[key]!.state === "absent");
    const traces = tracesOf(Object.values(founds));
    const lost = Object.keys(founds).filter((key) => founds[key]!.state === "present");
    const along = traces.filter((name) => !name.startsWith(CONFIG) && !ours.includes(name));
    const config = traces.filter((name) => name.startsWith(CONFIG)).map((name) => name.slice(CONFIG.length));
    const unique = (names: string[]) => [...new Set(names)].sort();
    return [
      // A package that was there before us and was removed since belongs to the host's own state.
      ...packages.changeAll!(_haves, Object.fromEntries(lost.map((key) => [key, "installed" as const]))),
      ...(ours.length > 0 ? [purgePackages(unique(ours), unique(along), unique(config))] : []),
    ];
  },
};
