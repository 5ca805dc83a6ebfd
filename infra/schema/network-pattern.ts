/** Bits of a host in an address with a prefix length as regular expressions, for those who cannot call `infra/spec/address.ts`. */
import { networkPattern, octet, shortGroup } from "./address-pattern.js";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** IPv4 with a prefix length, all bits of a host as in `rest`: 0 for the address of a network, 255 for its broadcast. */
function v4With(prefix: number, rest: 0 | 255): string {
  const full = Math.ceil(prefix / 8) - 1;
  const bits = prefix - 8 * full;
  const step = 2 ** (8 - bits);
  const last = Array.from({ length: 2 ** bits }, (_, index) => index * step + (rest === 0 ? 0 : step - 1));
  return `(?:${octet}\\.){${full}}(?:${bits === 8 ? octet : last.join("|")})(?:\\.${rest}){${3 - full}}/${prefix}`;
}

/** A group of IPv6 whose bits after the first `bits` are none. */
function leadingGroup(bits: number): string {
  const before = Math.floor((bits - 1) / 4);
  const step = 2 ** (4 * before + 4 - bits);
  const digits = [..."0123456789abcdef"].filter((_, index) => index % step === 0).join("");
  const more = before === 0 ? "" : `|[1-9a-f][0-9a-f]{0,${before - 1}}[${digits}]0{${3 - before}}`;
  return `(?:0${digits === "0" ? "" : `|[${digits.slice(1)}]0{${3 - before}}`}${more})`;
}

/** Prefix lengths that end in the group of this number, from 1 on. */
const endingIn = (group: number) =>
  `/(?:${upTo(16)
    .map((bits) => 16 * (group - 1) + bits)
    .join("|")})`;
/** With `::` at its end and less groups before it than the prefix length has, all after it are none. */
const shorter = () =>
  upTo(8).map(
    (group) => `${group === 1 ? "" : `(?:${shortGroup}(?::${shortGroup}){0,${group - 2}})?`}::${endingIn(group)}`,
  );
/** Else the last group of the prefix is the one before that `::`, or before groups that are 0. */
const lastGroup = () =>
  upTo(16).map((bits) => {
    const prefixes = upTo(8).map((group) => 16 * (group - 1) + bits);
    const zeros = prefixes.map((prefix, index) => `(?::0){${7 - index}}/${prefix}`);
    return `${leadingGroup(bits)}(?:::/(?:${prefixes.join("|")})|${zeros.join("|")})`;
  });
const exactly = () => upTo(8).map((group) => `(?:${shortGroup}:){${group}}:${endingIn(group)}`);
const v6Whole = () =>
  `(?:${shorter().join("|")}|(?=(?:${exactly().join("|")})$|(?![^/]*::/))(?:[^/]*:)?(?:${lastGroup().join("|")}))`;

/** A network without bits of a host, or anything that is no network. */
export const wholeNetworkPattern = () =>
  `^(?:(?!(?:${networkPattern().slice(1, -1)})$)[^]*|${[...upTo(32).map((prefix) => v4With(prefix, 0)), v6Whole()].join("|")})$`;

/** Anything but the address of a network that has more than two, or its broadcast. */
export const insidePattern = () => {
  const edges = upTo(30).flatMap((prefix) => [v4With(prefix, 0), v4With(prefix, 255)]);
  return `^(?!(?:${edges.join("|")}|(?!.*/12[78]$)${v6Whole()})$)`;
};
