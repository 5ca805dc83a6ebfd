import type { StepResult } from "../host/types.js";
import { firewalldRule } from "./firewalld-rule.js";
import { iptablesRule } from "./iptables-rule.js";
import { nftRule } from "./nft-rule.js";
import type { Noun, Reading } from "./noun.js";

// Each kind has a Want of its own; here they are handled alike.
type AnyNoun = Noun<any, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
type AnyReading = Reading<any>; // eslint-disable-line @typescript-eslint/no-explicit-any

const kinds: readonly { word: RegExp; noun: AnyNoun }[] = [
  { word: /^nft /, noun: nftRule },
  { word: /^firewalld /, noun: firewalldRule },
  // The first kind that there was; it says what a key must be.
  { word: /^/, noun: iptablesRule },
];

/** Firewall rules, each in the words of the program that keeps it: iptables, nft or firewalld. */
export const rule: AnyNoun = {
  read(keys) {
    const queries = kinds.map((kind) => kind.noun.read(keysOf(kind, keys)));
    return {
      steps: queries.flatMap(({ steps }) => steps),
      parse: (results: StepResult[]) => {
        let at = 0;
        const read = Object.assign(
          {},
          ...queries.map(({ steps, parse }) => parse(results.slice(at, (at += steps.length)))),
        ) as Record<string, AnyReading>;
        return Object.fromEntries(keys.map((key) => [key, read[key]!]));
      },
    };
  },

  equal: (have, want) => (have.state === "present") === (want !== undefined),

  inherit: (key, found, olders) => kindOf(key).noun.inherit?.(key, found, olders) ?? found,

  change: (key, have, want) => kindOf(key).noun.change(key, have, want),

  changeAll: (haves, wants) =>
    kinds.flatMap((kind) => {
      const keys = keysOf(kind, Object.keys(wants));
      const [own, wanted] = [pick(haves, keys), pick(wants, keys)];
      if (kind.noun.changeAll && keys.length > 0) return kind.noun.changeAll(own, wanted);
      return keys.flatMap((key) => kind.noun.change(key, haves[key] ?? { state: "absent" }, wants[key]));
    }),

  restore: (key, have, found) => kindOf(key).noun.restore(key, have, found),

  restoreAll: (haves, founds) =>
    kinds.flatMap((kind) => {
      const keys = keysOf(kind, Object.keys(founds));
      if (kind.noun.restoreAll && keys.length > 0) return kind.noun.restoreAll(pick(haves, keys), pick(founds, keys));
      return keys.flatMap((key) => kind.noun.restore(key, haves[key] ?? { state: "absent" }, founds[key]!));
    }),
};

type Kind = (typeof kinds)[number];

function kindOf(key: string): Kind {
  return kinds.find(({ word }) => word.test(key))!;
}

function keysOf(kind: Kind, keys: readonly string[]): string[] {
  return keys.filter((key) => kindOf(key) === kind);
}

function pick<T>(map: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(keys.filter((key) => key in map).map((key) => [key, map[key]!]));
}
