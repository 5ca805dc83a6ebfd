import type { Noun, Reading } from "./noun.js";
import { known } from "./reading.js";
import { readRules, sinceOurFirst, unloading } from "./rule-answers.js";
import { script } from "./script.js";

/** `nowhere`: the host has no chain in which the rule could stand, so that nothing is kept from passing. */
type State = "present" | "nowhere";

/**
 * Firewall rules in nft's words, each ending in the comment that names it: `nft ip pulumi_lvs prerouting …` in a table of our
 * own, and `nft input ip … accept` first in every chain of the host that filters at the hook.
 */
export const nftRule: Noun<State> = {
  read(keys) {
    keys.forEach(check);
    return readRules("read-nft", keys, ["present", "nowhere"]);
  },

  equal: (have, want) => (have.state === "present") === (want !== undefined),

  inherit: (_key, found, olders) => sinceOurFirst(found, olders),

  change(key, have, want) {
    return nftRule.changeAll!({ [key]: have }, { [key]: want });
  },

  changeAll(haves, wants) {
    const keys = Object.keys(wants);
    keys.forEach((key) => {
      check(key);
      known("rules", key, haves[key] ?? { state: "absent" });
    });
    const off = keys.filter((key) => !nftRule.equal(haves[key] ?? { state: "absent" }, wants[key]));
    const [gone, come] = [off.filter((key) => wants[key] === undefined), off.filter((key) => wants[key] !== undefined)];
    return [
      ...(gone.length > 0 ? [script("nft-rules", ["remove", ...gone])] : []),
      ...(come.length > 0 ? [script("nft-rules", ["add", ...come])] : []),
    ];
  },

  restore: (key, have, found) => nftRule.restoreAll!({ [key]: have }, { [key]: found }),

  restoreAll(haves, founds) {
    const readable = Object.entries(founds).filter(([, found]) => found.state !== "unreadable");
    // Where there was no chain for it, it was not there either.
    const was = (found: Reading<State>) => found.state === "present" && found.value === "present";
    const before = readable.map(([key, found]) => [key, was(found) ? "present" : undefined] as const);
    return [...nftRule.changeAll!(haves, Object.fromEntries(before)), ...unloading(founds, [])];
  },
};

/** Throws for what is no key of such a rule. */
function check(key: string): void {
  const place = /^nft (ip6? pulumi_lvs [a-z]+|(input|forward|output) ip6?) \S/;
  if (place.test(key) && / comment "pulumi-lvs:[A-Za-z0-9.:-]+"$/.test(key) && !/[\n;\\]/.test(key)) return;
  throw new Error(
    `rules[${JSON.stringify(key)}]: must be nft <ip|ip6> pulumi_lvs <chain> <rule…> or nft <hook> <ip|ip6> <rule…>, with its comment. Write it so.`,
  );
}
