import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { IPv4 } from "ipaddr.js";
import { isNetmask, networkOf, parseCidr } from "../../../infra/spec/address.js";
import {
  hostAddressPattern,
  hostCidrPattern,
  netmaskPattern,
  networkPattern,
  routeTargetPattern,
  shortestPattern,
} from "../../../infra/schema/address-pattern.js";
import { insidePattern, wholeNetworkPattern } from "../../../infra/schema/network-pattern.js";
import { hostAddress, hostCidr, routeTarget } from "../../../infra/spec/words.js";

const groups = ["0", "1", "db8", "00", "0db8", "DB8", "ffff", "12345", "", "fe80", "ff02", "2001"];
const octets = ["0", "1", "10", "127", "192", "224", "239", "255", "256", "01", ""];

/** The same numbers every time (Park and Miller's generator). */
function random(): (below: number) => number {
  let state = 7;
  return (below) => (state = (state * 48271) % 2147483647) % below;
}

/** Addresses and things like addresses: IPv6 of few kinds of groups so that rows of zeros are common, and IPv4. */
function samples(): string[] {
  const pick = random();
  const one = (list: readonly string[]) => list[pick(list.length)]!;
  const six = () => {
    const few = Array.from({ length: 1 + pick(9) }, () => (pick(3) === 0 ? "0" : one(groups)));
    const cut = pick(few.length + 1);
    const parts = pick(3) === 0 ? [few.join(":")] : [few.slice(0, cut).join(":"), few.slice(cut).join(":")];
    return parts.join("::");
  };
  const four = () => Array.from({ length: pick(12) === 0 ? 3 : 4 }, () => one(octets)).join(".");
  const random6 = Array.from({ length: 30_000 }, six);
  const mixed = Array.from({ length: 300 }, () => `${six()}:${four()}`);
  return [
    ...random6,
    ...mixed,
    ...Array.from({ length: 10_000 }, four),
    "::",
    "::1",
    "text",
    "",
    "fe80::1%eth0",
    "1:2:3:4:5:6:7::",
  ];
}

const addresses = samples();
const prefixes = ["", "/0", "/1", "/9", "/10", "/24", "/32", "/33", "/64", "/128", "/129", "/024", "/", "/x", "/24/24"];
const cidrs = addresses.map((address, index) => address + prefixes[index % prefixes.length]!);

/** Networks of every prefix length, and those beside them that have bits of a host. */
function networks(): string[] {
  const pick = random();
  const good = addresses.filter((address) => parseCidr(`${address}/1`) !== undefined).slice(0, 4000);
  const filled = Array.from({ length: 1000 }, () =>
    Array.from({ length: 8 }, () => (1 + pick(65535)).toString(16)).join(":"),
  );
  const four = Array.from({ length: 1000 }, () => Array.from({ length: 4 }, () => pick(256)).join("."));
  return [...good, ...filled, ...four].flatMap((address) => {
    const prefix = 1 + pick(address.includes(":") ? 128 : 32);
    const [network = ""] = networkOf({ address, prefix }).split("/");
    return [prefix - 1, prefix, prefix + 1].map((each) => `${network}/${each}`);
  });
}

/** Broadcast addresses of every prefix length, and those beside them. */
function broadcasts(): string[] {
  const pick = random();
  return Array.from({ length: 3000 }, (_, index) => {
    const prefix = 1 + (index % 32);
    const address = IPv4.broadcastAddressFromCIDR(`${Array.from({ length: 4 }, () => pick(224)).join(".")}/${prefix}`);
    return [prefix - 1, prefix, prefix + 1].map((each) => `${address.toString()}/${each}`);
  }).flat();
}

/** `::` in the place of a row of zeros that is not the longest: the one thing that the patterns let pass. */
const notLongest = (text: string): boolean => /(^|:)0:0(:|$)/.test(text.split("/")[0]!) && text.includes("::");

function compare(texts: readonly string[], pattern: RegExp, isGood: (text: string) => boolean): void {
  const good = texts.filter(isGood);
  assert.ok(good.length > 30, `${good.length} good ones prove little`);
  const wrong = texts.filter(
    (text) => pattern.test(text) !== isGood(text) && !(pattern.test(text) && notLongest(text)),
  );
  assert.deepEqual([...new Set(wrong)].slice(0, 9), []);
}

describe("the patterns of the JSON Schema take what the preview takes:", () => {
  const both = (pattern: string) => new RegExp(`(?=${shortestPattern()})(?=${pattern})`, "u");
  const takes = (schema: { safeParse: (text: string) => { success: boolean } }) => (text: string) =>
    schema.safeParse(text).success;

  test("addresses of hosts", () => compare(addresses, both(hostAddressPattern()), takes(hostAddress)));
  test("addresses with a prefix length", () => {
    const pattern = new RegExp(`(?=${shortestPattern()})(?=${hostCidrPattern()})(?=${insidePattern()})`, "u");
    compare([...cidrs, ...networks(), ...broadcasts()], pattern, takes(hostCidr));
  });
  test("networks", () => compare(cidrs, new RegExp(networkPattern(), "u"), (text) => parseCidr(text) !== undefined));
  test("destinations of routes", () => {
    const pattern = new RegExp(`(?=${routeTargetPattern()})(?=${wholeNetworkPattern()})`, "u");
    compare([...cidrs, ...networks(), "default"], pattern, takes(routeTarget));
  });
  test("netmasks", () => {
    const parts = ["0", "1", "127", "128", "192", "224", "240", "248", "252", "254", "255"];
    const masks = parts.flatMap((a) =>
      parts.flatMap((b) => parts.flatMap((c) => parts.map((d) => [a, b, c, d].join(".")))),
    );
    compare([...masks, "24", "255.255.255"], new RegExp(netmaskPattern(), "u"), isNetmask);
  });
});
