import type { z } from "zod";
import { halvesRule } from "../spec/host.js";
import { subnetRule } from "../spec/lab.js";
import { byName } from "../spec/layer.js";
import { noteOf } from "../spec/note.js";
import { wordsOfFunctions as words } from "../spec/words.js";
import {
  hostAddressPattern,
  hostCidrPattern,
  netmaskPattern,
  networkPattern,
  routeTargetPattern,
  shortestPattern,
} from "./address-pattern.js";
import { insidePattern, wholeNetworkPattern } from "./network-pattern.js";

/** A keyword of JSON Schema, and what the preview says of a value that does not meet it. */
export interface Keyword {
  keyword: "pattern" | "minProperties";
  value: string | number;
  message: string;
}

const pattern = (value: string, message: string): Keyword => ({ keyword: "pattern", value, message });
const shortest = pattern(shortestPattern(), words.shortest);
const target = [pattern(routeTargetPattern(), words.target), pattern(wholeNetworkPattern(), words.hostBits)];

/** Rules that are functions, by their names: together the keywords of each say what it says. */
const keywords: Readonly<Record<string, readonly Keyword[]>> = {
  address: [shortest, pattern(hostAddressPattern(), words.address)],
  cidr: [shortest, pattern(hostCidrPattern(), words.cidr), pattern(insidePattern(), words.inside)],
  target,
  trusted: target,
  netmask: [pattern(netmaskPattern(), words.netmask)],
  network: [pattern(networkPattern(), subnetRule)],
  "text of a file": [pattern("^[^\\p{Cs}]*$", halvesRule)],
  layers: [{ keyword: "minProperties", value: 1, message: byName }],
};

/** The keywords for the functions of a schema; none for one that has no functions known here. */
export function keywordsOf(schema: z.ZodType): readonly Keyword[] {
  const { name, word } = noteOf(schema);
  const own = word === true ? ownNames(schema) : [];
  if (own.length > 0) return [pattern(`^(?!(${own.join("|")})$)`, words.own)];
  return name === undefined ? [] : (keywords[name] ?? []);
}

/** JavaScript's own names, so far as the pattern of a word lets them through: it says of all others itself what is wrong. */
function ownNames(schema: z.ZodType): string[] {
  const [regex] = (schema.def.checks ?? []).flatMap(({ _zod }) =>
    "pattern" in _zod.def ? [_zod.def.pattern as RegExp] : [],
  );
  return Object.getOwnPropertyNames(Object.prototype).filter((name) => regex?.test(name) === true);
}
