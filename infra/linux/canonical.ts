/** An IP address in its shortest form (RFC 5952), so that two ways to write it are equal; IPv4 as it is. */
export function canonicalAddress(address: string): string {
  return address.includes(":") ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
