import type { Step } from "../host/types.js";
import type { LinkWant } from "../plan/types.js";
import type { Noun, Reading } from "./noun.js";
import { known } from "./reading.js";

interface Shown {
  ifname: string;
  flags: string[];
}

/** Devices that a module brings (`tunl0`), by name. One that is not there comes with its module, in the same batch. */
export const link: Noun<LinkWant> = {
  read(keys) {
    return {
      steps: keys.length > 0 ? [{ argv: ["ip", "-j", "link", "show"] }] : [],
      parse: (results) => {
        const links = JSON.parse(results[0]?.stdout || "[]") as Shown[];
        return Object.fromEntries(
          keys.map((key): [string, Reading<LinkWant>] => {
            const shown = links.find(({ ifname }) => ifname === key);
            if (shown === undefined) return [key, { state: "absent" }];
            return [key, { state: "present", value: { up: shown.flags.includes("UP") } }];
          }),
        );
      },
    };
  },

  equal(have, want) {
    if (want === undefined) return have.state === "absent" || (have.state === "present" && !have.value.up);
    return have.state === "present" && have.value.up === want.up;
  },

  change(key, have, want) {
    known("links", key, have);
    return link.equal(have, want) ? [] : [set(key, want?.up === true)];
  },

  restore(key, have, found) {
    if (have.state !== "present" || found.state === "unreadable") return [];
    return link.change(key, have, found.state === "present" ? found.value : undefined);
  },
};

function set(key: string, up: boolean): Step {
  return { argv: ["ip", "link", "set", "dev", key, up ? "up" : "down"] };
}
