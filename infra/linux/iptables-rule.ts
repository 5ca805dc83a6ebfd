import type { Noun } from "./noun.js";
import { known } from "./reading.js";
import { readRules, sinceOurFirst, unloading } from "./rule-answers.js";
import { script } from "./script.js";

type Present = "present";

/**
 * Firewall rules in iptables' words: `iptables mangle PREROUTING -d 192.0.2.1/32 … -j MARK --set-mark 1`; the first one is
 * `ip6tables` for IPv6. Chains and rules of others are left alone, and so are the modules that they need; a chain or table
 * that came with a rule of ours goes with the last one. Whichever iptables the host has, of nf_tables or the old one, is read
 * and changed.
 */
export const iptablesRule: Noun<Present> = {
  read(keys) {
    keys.forEach(parts);
    return readRules("read-rules", keys, ["present"]);
  },

  equal: (have, want) => (have.state === "present") === (want !== undefined),

  inherit: (_key, found, olders) => sinceOurFirst(found, olders),

  change(key, have, want) {
    const [program = "", table = "", chain = "", ...words] = parts(key);
    known("rules", key, have);
    if (iptablesRule.equal(have, want)) return [];
    if (want === undefined) return [script("remove-rule", [program, table, chain, ...words])];
    // What accepts stands before whatever of the host's own would drop.
    return [{ argv: [program, "-w", "-t", table, table === "filter" ? "-I" : "-A", chain, ...words] }];
  },

  restore: (key, have, found) => iptablesRule.restoreAll!({ [key]: have }, { [key]: found }),

  restoreAll(haves, founds) {
    const steps = Object.entries(founds).flatMap(([key, found]) =>
      found.state === "unreadable"
        ? []
        : iptablesRule.change(
            key,
            haves[key] ?? { state: "absent" },
            found.state === "present" ? found.value : undefined,
          ),
    );
    const chains = new Set(Object.keys(founds).map((key) => parts(key).slice(0, 3).join(" ")));
    return [...steps, ...unloading(founds, [...chains])];
  },
};

/** Program, table and chain, then the rule itself. Throws for what is none. */
function parts(key: string): string[] {
  const words = key.split(" ");
  const [program = "", table = "", chain = ""] = words;
  if (!/^ip6?tables$/.test(program) || !/^[a-z]+$/.test(table) || !/^[A-Z]+$/.test(chain) || words.length < 4)
    throw new Error(
      `rules[${JSON.stringify(key)}]: must be <iptables|ip6tables> <table> <chain> <rule…>. Write it so.`,
    );
  return words;
}
