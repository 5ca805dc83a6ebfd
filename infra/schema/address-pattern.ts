/** Addresses as regular expressions, for those who cannot call `infra/spec/address.ts`: the JSON Schema of the stack file. */

export const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const v4 = `${octet}(?:\\.${octet}){3}`;
/** Unspecified, loopback, multicast and broadcast, as `isHostAddress` has it. */
const v4Host = `(?!0\\.|127\\.|22[4-9]\\.|23\\d\\.|255\\.255\\.255\\.255)${v4}`;

/** IPv6 with groups of the given form, of which `::` stands for at least `left` ones. */
function v6(group: string, left: number): string {
  const groups = 8 - left;
  const compressed = Array.from({ length: groups }, (_, index) => {
    const before = index + 1;
    const after = groups - before;
    const tail = after === 0 ? "" : `(?:${group}(?::${group}){0,${after - 1}})?`;
    return `${group}(?::${group}){${before - 1}}::${tail}`;
  });
  return `(?:${[`${group}(?::${group}){7}`, `::(?:${group}(?::${group}){0,${groups - 1}})?`, ...compressed].join("|")})`;
}

const anyGroup = "[0-9A-Fa-f]{1,4}";
export const shortGroup = "(?:0|[1-9a-f][0-9a-f]{0,3})";
const v6Any = () => `(?:${v6(anyGroup, 1)}|[0-9A-Fa-f:]*:${v4})`;
/**
 * RFC 5952, section 4: no leading zero, lower case, no two groups of zeros in a row beside `::` or without one. That `::`
 * stands for the longest such row is left to the preview.
 */
const v6Short = () =>
  `(?!0::|[^/]*:0::|[^/]*::0(?::|/|$))(?:(?![^/]*::)(?!(?:[^/]*:)?0:0(?::|/|$))|(?=[^/]*::))${v6(shortGroup, 2)}`;
/** Unspecified, loopback, multicast, link-local and IPv4-mapped, as `isHostAddress` has it. */
const v6Host = () =>
  `(?!::1?(?:/|$)|ff[0-9a-f]{2}:|fe[89ab][0-9a-f]:|::ffff:[0-9a-f]{1,4}:[0-9a-f]{1,4}(?:/|$))${v6Any()}`;

const v4Prefix = "/(?:[1-9]|[12]\\d|3[0-2])";
const v6Prefix = "/(?:[1-9]\\d?|1[01]\\d|12[0-8])";

/** An address that a host can have; IPv6 in any form. */
export const hostAddressPattern = () => `^(?:${v4Host}|${v6Host()})$`;

/** The same with a prefix length. */
export const hostCidrPattern = () => `^(?:${v4Host}${v4Prefix}|${v6Host()}${v6Prefix})$`;

/** IPv6 in its shortest form, or anything that is no IPv6. */
export const shortestPattern = () => `^(?:(?!${v6Any()}(?:/|$))[^]*|${v6Short()}(?:/[^]*)?)$`;

/** A network with its prefix length. */
export const networkPattern = () => `^(?:${v4}${v4Prefix}|${v6Short()}${v6Prefix})$`;

/** `default`, or a network with its prefix length. */
export const routeTargetPattern = () => `^(?:default|${networkPattern().slice(1, -1)})$`;

const maskOctet = "(?:0|128|192|224|240|248|252|254|255)";

/** A contiguous IPv4 netmask. */
export const netmaskPattern = () =>
  `^(?:${[0, 1, 2, 3]
    .map((full) => [...Array<string>(full).fill("255"), maskOctet, ...Array<string>(3 - full).fill("0")].join("\\."))
    .join("|")})$`;
