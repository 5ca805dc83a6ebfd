import { LabError } from "./errors.js";

/** Management subnets are /24s of the block that RFC 2544 keeps for tests within one laboratory. */
const COUNT = 512;

function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function range(subnet: string): [number, number] {
  const [address = "", length = "32"] = subnet.split("/");
  const size = 2 ** (32 - Number(length));
  const start = Math.floor(toNumber(address) / size) * size;
  return [start, start + size - 1];
}

/** True when two IPv4 subnets share an address. */
export function overlaps(left: string, right: string): boolean {
  const [a, b] = [range(left), range(right)];
  return a[0] <= b[1] && b[0] <= a[1];
}

/**
 * A free /24 of 198.18.0.0/15.
 * @param used IPv4 subnets or addresses that are taken: routes of the host, other labs
 * @param start where the search begins, so that labs side by side seldom inherit each other's addresses
 */
export function chooseSubnet(used: string[], start: number): string {
  for (let step = 0; step < COUNT; step++) {
    const index = (start + step) % COUNT;
    const subnet = `198.${18 + Math.floor(index / 256)}.${index % 256}.0/24`;
    if (!used.some((each) => overlaps(each, subnet))) return subnet;
  }
  throw new LabError(
    `management subnet: one free /24 of 198.18.0.0/15 is needed, got none. Remove a route or a lab ("npm run -s lab -- list").`,
  );
}

/** The n-th address of a /24. */
export function hostAddress(subnet: string, n: number): string {
  return subnet.replace(/\.0\/24$/, `.${n}`);
}
