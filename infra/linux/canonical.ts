/** An IP address in its shortest form (RFC 5952), so that two ways to write it are equal; IPv4 as it is. */
export function canonicalAddress(address: string): string {
  return address.includes(":") ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

/** `192.0.2.1:80`, or `[2001:db8::1]:80`, as the kernel's table has it. */
export function endpoint(address: string, port: string | number): string {
  return address.includes(":") ? `[${canonicalAddress(address)}]:${port}` : `${address}:${port}`;
}

/** The two parts of an {@link endpoint}. */
export function partsOf(text: string): { address: string; port: string } {
  const at = text.lastIndexOf(":");
  return { address: text.slice(0, at).replace(/^\[|\]$/g, ""), port: text.slice(at + 1) };
}
