import type { AddressWant } from "../plan/types.js";
import { canonicalAddress } from "./canonical.js";
import type { Noun, Reading } from "./noun.js";
import { known } from "./reading.js";
import { script } from "./script.js";

interface Link {
  ifname: string;
  addr_info: {
    local?: string;
    prefixlen: number;
    scope: string;
    label?: string;
    dadfailed?: boolean;
    tentative?: boolean;
  }[];
}

/** An address as it is. */
export interface AddressHave extends AddressWant {
  /** Duplicate address detection found another owner: the kernel does not use the address. */
  dadfailed?: true;
  /** Detection goes on: the kernel does not use the address yet. */
  tentative?: true;
}

/** True for an address that is there and that the kernel uses: it takes packets for it. */
export function isUsed(reading: Reading<AddressHave> | undefined): boolean {
  return reading?.state === "present" && whyUnused(reading) === undefined;
}

/** Why the kernel does not use an address that is there; nothing for one that is used or not there. */
export function whyUnused(reading: Reading<AddressHave> | undefined): string | undefined {
  if (reading?.state !== "present") return undefined;
  if (reading.value.dadfailed) return "another host answers for it (dadfailed)";
  return reading.value.tentative ? "it is still being looked for elsewhere (tentative)" : undefined;
}

/** Addresses by `<dev> <address>/<prefix>`; those that the host's own network set-up gives are not touched. */
export const address: Noun<AddressWant, AddressHave> = {
  read(keys) {
    return {
      steps: keys.length > 0 ? [{ argv: ["ip", "-j", "address", "show"] }] : [],
      parse: (results) => {
        const links = JSON.parse(results[0]?.stdout || "[]") as Link[];
        return Object.fromEntries(keys.map((key) => [key, find(links, key)]));
      },
    };
  },

  equal(have, want) {
    if (want === undefined) return have.state === "absent";
    if (have.state !== "present") return false;
    if (have.value.dadfailed) return false;
    return have.value.label === want.label && (have.value.scope ?? "global") === (want.scope ?? "global");
  },

  change(key, have, want) {
    known("addresses", key, have);
    if (address.equal(have, want)) return [];
    const [dev = "", cidr = ""] = key.split(" ");
    if (want === undefined) return [script("remove-address", [cidr, dev])];
    const label = want.label ? ["label", want.label] : [];
    const scope = want.scope ? ["scope", want.scope] : [];
    // An IPv6 VIP on lo is on every real server: duplicate address detection would take it down.
    const nodad = cidr.includes(":") ? ["nodad"] : [];
    const words = [...label, ...scope, ...nodad];
    // The kernel changes no label in place: the address has to go and come, in one script, so that a cut link leaves it.
    if (have.state === "present")
      return [script("remove-address", [cidr, dev, ...(words.length ? words : ["scope", "global"])])];
    return [{ argv: ["ip", "address", "add", cidr, "dev", dev, ...words] }];
  },

  restore(key, have, found) {
    if (found.state === "unreadable") return [];
    // The device may be gone: then its addresses are gone, too.
    if (have.state === "unreadable" && found.state === "absent") return [];
    return address.change(key, have, found.state === "present" ? found.value : undefined);
  },
};

function find(links: Link[], key: string): Reading<AddressHave> {
  const [dev, cidr = ""] = key.split(" ");
  const [wanted = "", length] = cidr.split("/");
  const link = links.find(({ ifname }) => ifname === dev);
  if (!link) return { state: "unreadable", reason: `no interface ${dev} on the host` };
  const info = link.addr_info.find(
    ({ local, prefixlen }) => `${local}/${prefixlen}` === `${canonicalAddress(wanted)}/${length}`,
  );
  if (!info) return { state: "absent" };
  const label = info.label && info.label !== dev ? { label: info.label } : {};
  const scope = info.scope === "global" ? {} : { scope: info.scope as "link" | "host" };
  // A failed detection leaves both flags.
  const unused = info.dadfailed ? { dadfailed: true as const } : info.tentative ? { tentative: true as const } : {};
  return { state: "present", value: { ...label, ...scope, ...unused } };
}
