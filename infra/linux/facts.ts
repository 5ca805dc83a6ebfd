import type { Query } from "./noun.js";
import { lines, script } from "./script.js";

/** What must be known of a host beside what is set up on it. */
export interface Facts {
  [fact: string]: string;
  distribution: string;
  version: string;
  /** Distributions that this one is like: `debian`, `rhel fedora`. */
  family: string;
  kernel: string;
  systemd: string;
}

/** Reads the facts of a host (os-release(5), uname, systemd's version). */
export function facts(): Query<Facts> {
  return {
    steps: [script("read-facts", [])],
    parse: (results) => {
      const [distribution = "", version = "", family = "", kernel = "", systemd = ""] = lines(results[0]!.stdout);
      return { distribution, version, family, kernel, systemd: systemd };
    },
  };
}
