import type { Step } from "../host/types.js";
import type { Noun, Reading } from "./noun.js";
import { known, unexpected } from "./reading.js";
import { lines, script } from "./script.js";

type Present = "present";

/**
 * Rich rules of our policies as firewalld has them now: `firewalld lvs-in rule family="ipv4" … accept`. For good they stand
 * in the policy's file, by which they also come: here is seen what somebody took out of the running firewall.
 */
export const firewalldRule: Noun<Present> = {
  read(keys) {
    keys.forEach(parts);
    return {
      steps: keys.length > 0 ? [script("read-firewalld", [...new Set(keys.map((key) => parts(key).policy))])] : [],
      parse: (results) => {
        const said = lines(results[0]?.stdout ?? "");
        if (said[0]?.startsWith("unreadable ")) {
          const reason = said[0].slice("unreadable ".length);
          return Object.fromEntries(keys.map((key) => [key, { state: "unreadable", reason }]));
        }
        if (keys.length > 0 && said.at(-1) !== ".") throw unexpected("reading firewalld", results[0]?.stdout ?? "");
        const there = new Set(said);
        return Object.fromEntries(
          keys.map((key): [string, Reading<Present>] => {
            const { policy, rule } = parts(key);
            return [key, there.has(`${policy} ${rule}`) ? { state: "present", value: "present" } : { state: "absent" }];
          }),
        );
      },
    };
  },

  equal: (have, want) => (have.state === "present") === (want !== undefined),

  change(key, have, want) {
    return firewalldRule.changeAll!({ [key]: have }, { [key]: want });
  },

  changeAll(haves, wants) {
    const off = Object.keys(wants).filter((key) => {
      const have = known("rules", key, haves[key] ?? { state: "absent" });
      return !firewalldRule.equal(have, wants[key]);
    });
    return (["remove", "add"] as const).flatMap((verb) => {
      const own = off.filter((key) => (wants[key] === undefined) === (verb === "remove")).map(parts);
      return [...new Set(own.map(({ policy }) => policy))].map((policy) => {
        const rules = own.filter((each) => each.policy === policy).map(({ rule }) => rule);
        return script("set-firewalld", [verb, policy, ...rules], { timeoutSeconds: 300 });
      });
    });
  },

  restore: (key, have, found) => firewalldRule.restoreAll!({ [key]: have }, { [key]: found }),

  restoreAll(haves, founds) {
    const readable = Object.entries(founds).filter(([, found]) => found.state !== "unreadable");
    return firewalldRule.changeAll!(
      haves,
      Object.fromEntries(readable.map(([key, found]) => [key, found.state === "present" ? found.value : undefined])),
    );
  },
};

/** Has firewalld read its files again; what somebody gave it for the time being only is gone then. */
export function reloadFirewalld(): Step {
  return script("reload-firewalld", [], { title: "reloading firewalld" });
}

function parts(key: string): { policy: string; rule: string } {
  const [, policy, rule] =
    /^firewalld (lvs-[a-z-]+) (rule family="ipv[46]" [A-Za-z0-9 ="/.:-]+ accept)$/.exec(key) ?? [];
  if (policy === undefined || rule === undefined)
    throw new Error(`rules[${JSON.stringify(key)}]: must be firewalld <policy> <rich rule>. Write it so.`);
  return { policy, rule };
}
