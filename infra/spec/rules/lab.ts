import { addressOf, inNetwork, parseCidr } from "../address.js";
import type { Lab } from "../lab.js";
import { suggest } from "../nearest.js";
import type { Problem } from "../problem.js";
import { show } from "../show.js";
import { duplicates, placed, problem, type Rule } from "./rule.js";
import type { Path } from "../path.js";

/** An address of a lab machine with its place. */
interface LabAddress {
  at: Path;
  segment: string | undefined;
  address: string;
}

function addressesOf(lab: Parameters<Rule<Lab>>[0]): LabAddress[] {
  return Object.entries(lab.machines ?? {}).flatMap(([machine, { interfaces } = {}]) =>
    Object.entries(interfaces ?? {}).flatMap(([name, plug]) =>
      placed(plug?.addresses, ["machines", machine, "interfaces", name, "addresses"]).map(({ at, item }) => ({
        at,
        segment: plug?.segment,
        address: item,
      })),
    ),
  );
}

/** RFC 2544's block for tests; each lab takes a /24 of it for management. */
const management = parseCidr("198.18.0.0/15");

/** An address stands once in a lab. */
export const labAddresses: Rule<Lab> = (lab) =>
  duplicates(
    "lab",
    addressesOf(lab).map(({ at, address }) => ({ at, value: addressOf(address) })),
    "an address that no other machine has",
    "Give each machine an address of its own.",
  );

/** An address lies in its segment's networks where the segment names them. */
export const labSubnets: Rule<Lab> = (lab) =>
  addressesOf(lab).flatMap(({ at, segment, address }): Problem[] => {
    const cidr = parseCidr(address);
    if (cidr === undefined) return [];
    if (management !== undefined && inNetwork(cidr.address, management)) {
      const rule = "an address outside 198.18.0.0/15, which labs use to reach their machines";
      return [problem("lab", at, rule, show(address), "Choose another network.")];
    }
    const subnets = (segment === undefined ? undefined : lab.segments?.[segment]?.subnets)?.flatMap(
      (text) => text ?? [],
    );
    if (subnets === undefined || subnets.length === 0) return [];
    if (subnets.some((text) => inNetworkText(cidr.address, text))) return [];
    const rule = `an address in segment ${segment ?? ""} (${subnets.join(", ")})`;
    return [problem("lab", at, rule, show(address), "Correct the address, or add its network to the segment.")];
  });

function inNetworkText(address: string, text: string): boolean {
  const network = parseCidr(text);
  return network !== undefined && inNetwork(address, network);
}

/** An interface is plugged into a segment of the lab. */
export const labSegments: Rule<Lab> = (lab) => {
  const known = Object.keys(lab.segments ?? {});
  return Object.entries(lab.machines ?? {}).flatMap(([machine, { interfaces } = {}]) =>
    Object.entries(interfaces ?? {}).flatMap(([name, plug]) => {
      if (plug?.segment === undefined || known.includes(plug.segment)) return [];
      const at = ["machines", machine, "interfaces", name, "segment"];
      return [problem("lab", at, "a segment of the lab", show(plug.segment), suggest(plug.segment, known))];
    }),
  );
};
