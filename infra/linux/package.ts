import type { Noun, Reading } from "./noun.js";
import { lines, script } from "./script.js";

type Installed = "installed";

/**
 * Packages of the host's distribution by name. Debian's apt for now; what came along with an installation is purged with
 * it, nothing else.
 */
export const packages: Noun<Installed> = {
  read(keys) {
    return {
      steps: keys.length > 0 ? [script("read-packages", keys, { timeoutSeconds: 300 })] : [],
      parse: (results) => {
        const output = lines(results[0]?.stdout ?? "").map((line) => line.split(" "));
        const along = output.filter(([kind]) => kind === "along").map(([, name]) => name!);
        return Object.fromEntries(
          keys.map((key): [string, Reading<Installed>] => {
            const kind = output.find(([state, name]) => state !== "along" && name === key)?.[0];
            if (kind === "installed") return [key, { state: "present", value: "installed" }];
            if (kind === "absent") return [key, { state: "absent", trace: along }];
            return [key, { state: "unreadable", reason: "no answer of dpkg-query" }];
          }),
        );
      },
    };
  },

  equal: (have, want) => (have.state === "present") === (want !== undefined),

  change(key, have, want) {
    return packages.changeAll!({ [key]: have }, { [key]: want });
  },

  changeAll(haves, wants) {
    const missing = Object.keys(wants).filter((key) => wants[key] && haves[key]?.state !== "present");
    const title = `installing ${missing.join(", ")}`;
    return missing.length > 0 ? [script("install-packages", missing, { timeoutSeconds: 900, title })] : [];
  },

  restore(key, have, found) {
    return packages.restoreAll!({ [key]: have }, { [key]: found });
  },

  restoreAll(_haves, founds) {
    const absent = Object.entries(founds).flatMap(([key, found]) =>
      found.state === "absent" ? [key, ...(found.trace ?? [])] : [],
    );
    const lost = Object.keys(founds).filter((key) => founds[key]!.state === "present");
    const going = [...new Set(absent)].sort();
    return [
      // A package that was there before us and was removed since belongs to the host's own state.
      ...packages.changeAll!(_haves, Object.fromEntries(lost.map((key) => [key, "installed" as const]))),
      ...(going.length > 0
        ? [
            script("purge-packages", going, {
              timeoutSeconds: 900,
              title: `removing ${Object.keys(founds).join(", ")}`,
            }),
          ]
        : []),
    ];
  },
};
