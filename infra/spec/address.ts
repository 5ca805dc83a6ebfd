import ipaddr from "ipaddr.js";

/** An address with its prefix length. */
export interface Cidr {
  address: string;
  prefix: number;
}

/** 4 or 6, for an address or an address with a prefix length. */
export function familyOf(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

/** The netmask of an IPv4 prefix length: `255.255.255.0` of 24. */
export function netmaskOf(prefix: number): string {
  return ipaddr.IPv4.subnetMaskFromPrefixLength(prefix).toString();
}

/** An IPv6 address in its shortest form (RFC 5952), which the kernel's tools print; IPv4 as it is; undefined for neither. */
export function canonical(text: string): string | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text;
  return /^[0-9A-Fa-f:.]+$/.test(text) && ipaddr.IPv6.isValid(text)
    ? ipaddr.IPv6.parse(text).toRFC5952String()
    : undefined;
}

/** True for an address that a host can have: no loopback, multicast, broadcast, link-local IPv6 or unspecified one. */
export function isHostAddress(text: string): boolean {
  if (canonical(text) !== text) return false;
  const range = ipaddr.parse(text).range();
  const never = ["loopback", "multicast", "broadcast", "unspecified", "ipv4Mapped"];
  return !never.includes(range) && !(familyOf(text) === 6 && range === "linkLocal");
}

/** `192.0.2.1/24` or `2001:db8::1/64` taken apart; undefined when it is no such thing with a prefix length from 1 on. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([^/]+)\/([1-9]\d{0,2})$/.exec(text);
  const address = match?.[1];
  const prefix = Number(match?.[2]);
  if (address === undefined || canonical(address) !== address) return undefined;
  return prefix > widthOf(address) ? undefined : { address, prefix };
}

/** Bits of an address of its family: the prefix length of a single host. */
export function widthOf(address: string): 32 | 128 {
  return familyOf(address) === 4 ? 32 : 128;
}

/** The address of `192.0.2.1/24`; the text itself when it has no prefix length. */
export function addressOf(cidr: string): string {
  return cidr.split("/")[0] ?? cidr;
}

/** True when `address` lies in the network of `cidr`; never for another family. */
export function inNetwork(address: string, cidr: Cidr): boolean {
  if (familyOf(address) !== familyOf(cidr.address)) return false;
  return ipaddr.parse(address).match(ipaddr.parse(cidr.address), cidr.prefix);
}

/** `192.0.2.0/24` for any address in it. */
export function networkOf({ address, prefix }: Cidr): string {
  const { IPv4, IPv6 } = ipaddr;
  const text = `${address}/${prefix}`;
  const network = familyOf(address) === 4 ? IPv4.networkAddressFromCIDR(text) : IPv6.networkAddressFromCIDR(text);
  return `${canonical(network.toString()) ?? address}/${prefix}`;
}

/** True for the address of its own network, and for its broadcast address: no host may have them. Never for /31 and /32. */
export function isEdge(cidr: Cidr): boolean {
  if (cidr.prefix >= widthOf(cidr.address) - 1) return false;
  if (addressOf(networkOf(cidr)) === cidr.address) return true;
  if (familyOf(cidr.address) === 6) return false;
  const broadcast = ipaddr.IPv4.broadcastAddressFromCIDR(`${cidr.address}/${cidr.prefix}`);
  return broadcast.toString() === cidr.address;
}

/** True when each address is the one before it plus one. */
export function areConsecutive(addresses: readonly string[]): boolean {
  const number = (address: string) =>
    ipaddr
      .parse(address)
      .toByteArray()
      .reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return addresses.slice(1).every((address, index) => number(address) === number(addresses[index]!) + 1n);
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
