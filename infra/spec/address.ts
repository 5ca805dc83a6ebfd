import ipaddr from "ipaddr.js";

/** An IPv4 address with its prefix length. */
export interface Cidr {
  address: string;
  prefix: number;
}

/** True for a dotted quad that a host can have: no loopback, multicast, broadcast or unspecified address. */
export function isHostAddress(text: string): boolean {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text)) return false;
  const range = ipaddr.IPv4.parse(text).range();
  return !["loopback", "multicast", "broadcast", "unspecified"].includes(range);
}

/** `192.0.2.1/24` taken apart; undefined when it is not an IPv4 address with a prefix length from 1 to 32. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([0-9.]+)\/(\d{1,2})$/.exec(text);
  const address = match?.[1];
  const prefix = Number(match?.[2]);
  if (address === undefined || !ipaddr.IPv4.isValidFourPartDecimal(address) || prefix < 1 || prefix > 32)
    return undefined;
  return { address, prefix };
}

/** The address of `192.0.2.1/24`; the text itself when it has no prefix length. */
export function addressOf(cidr: string): string {
  return cidr.split("/")[0] ?? cidr;
}

/** True when `address` lies in the network of `cidr`. */
export function inNetwork(address: string, cidr: Cidr): boolean {
  return ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parse(cidr.address), cidr.prefix);
}

/** `192.0.2.0/24` for any address in it. */
export function networkOf(cidr: Cidr): string {
  return `${ipaddr.IPv4.networkAddressFromCIDR(`${cidr.address}/${cidr.prefix}`).toString()}/${cidr.prefix}`;
}

/** `network` or `broadcast` when the address is that of its own network, which no host may have; undefined for /31 and /32. */
export function networkRole(cidr: Cidr): "network" | "broadcast" | undefined {
  if (cidr.prefix >= 31) return undefined;
  const text = `${cidr.address}/${cidr.prefix}`;
  if (ipaddr.IPv4.networkAddressFromCIDR(text).toString() === cidr.address) return "network";
  if (ipaddr.IPv4.broadcastAddressFromCIDR(text).toString() === cidr.address) return "broadcast";
  return undefined;
}

/** True for a contiguous netmask such as 255.255.255.0. */
export function isNetmask(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) && ipaddr.IPv4.parse(text).prefixLengthFromSubnetMask() !== null;
}

/** Orders addresses, names and keys by their numbers, so that .9 comes before .10. */
export function natural(a: string, b: string): number {
  const order = collator.compare(a, b);
  return order !== 0 ? order : a < b ? -1 : a > b ? 1 : 0;
}

const collator = new Intl.Collator("en", { numeric: true });
