import type { AddressWant } from "../plan/types.js";
import type { Noun, Reading } from "./noun.js";
import { known } from "./reading.js";
import { script } from "./script.js";

interface Link {
  ifname: string;
  addr_info: { local?: string; prefixlen: number; scope: string; label?: string }[];
}

/** Addresses by `<dev> <address>/<prefix>`; those that the host's own network set-up gives are not touched. */
export const address: Noun<AddressWant> = {
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
    return have.value.label === want.label && (have.value.scope ?? "global") === (want.scope ?? "global");
  },

  change(key, have, want) {
    known("addresses", key, have);
    if (address.equal(have, want)) return [];
    const [dev = "", cidr = ""] = key.split(" ");
    const remove = script("remove-address", [cidr, dev]);
    if (want === undefined) return [remove];
    const label = want.label ? ["label", want.label] : [];
    const scope = want.scope ? ["scope", want.scope] : [];
    // An IPv6 VIP on lo is on every real server: duplicate address detection would take it down.
    const nodad = cidr.includes(":") ? ["nodad"] : [];
    const add = { argv: ["ip", "address", "add", cidr, "dev", dev, ...label, ...scope, ...nodad] };
    // The kernel changes no label in place: the address has to go and come.
    return have.state === "present" ? [remove, add] : [add];
  },

  restore(key, have, found) {
    if (found.state === "unreadable") return [];
    // The device may be gone: then its addresses are gone, too.
    if (have.state === "unreadable" && found.state === "absent") return [];
    return address.change(key, have, found.state === "present" ? found.value : undefined);
  },
};

function find(links: Link[], key: string): Reading<AddressWant> {
  const [dev, cidr] = key.split(" ");
  const link = links.find(({ ifname }) => ifname === dev);
  if (!link) return { state: "unreadable", reason: `no interface ${dev} on the host` };
  const info = link.addr_info.find(({ local, prefixlen }) => `${local}/${prefixlen}` === cidr);
  if (!info) return { state: "absent" };
  const label = info.label && info.label !== dev ? { label: info.label } : {};
  const scope = info.scope === "global" ? {} : { scope: info.scope as "link" | "host" };
  return { state: "present", value: { ...label, ...scope } };
}
