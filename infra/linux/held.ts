import type { Query } from "./noun.js";
import { lines, script } from "./script.js";

/** An address of a host. */
export interface Held {
  dev: string;
  /** With its prefix length. */
  address: string;
  /** For how many seconds it has been on the interface, and since when (Unix time); none where the host has no perl. */
  age?: { seconds: number; since: number };
}

interface Link {
  ifindex: number;
  ifname: string;
  addr_info: { local?: string; prefixlen: number }[];
}

/** All addresses of a host, and for how long it has had each. */
export function held(): Query<Held[]> {
  return {
    steps: [{ argv: ["ip", "-j", "address", "show"] }, script("read-address-ages", [], { accept: [69] })],
    parse: ([shown, aged]) => {
      const ages = new Map(
        lines(aged!.stdout).map((line) => {
          const [index = "", address = "", seconds, since] = line.split(" ");
          return [`${index} ${address}`, { seconds: Number(seconds), since: Number(since) }];
        }),
      );
      return (JSON.parse(shown!.stdout || "[]") as Link[]).flatMap(({ ifindex, ifname, addr_info: all }) =>
        all
          .filter(({ local }) => local !== undefined)
          .map(({ local, prefixlen }) => {
            const address = `${local}/${prefixlen}`;
            const age = ages.get(`${ifindex} ${address}`);
            return { dev: ifname, address, ...(age && { age }) };
          }),
      );
    },
  };
}
