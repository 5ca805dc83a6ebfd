import type { AddressHave } from "../linux/address.js";
import type { Query, Reading } from "../linux/noun.js";
import type { RouteWant, VerificationPlan } from "../plan/types.js";
import { differing, readAll } from "./sections.js";

/** What must be live on a real server. */
export type Live = VerificationPlan["realServers"][string];

/** What of it is not so; `got` is the value that a sysctl has instead, if any. */
export interface Astray {
  addresses: string[];
  routes: { to: string; want: string }[];
  sysctls: { key: string; want: string; got?: string }[];
}

type IsThere = (reading: Reading<AddressHave> | undefined) => boolean;

/** Asks a host what of it is not so. An address is there as `isThere` has it. */
export function astray(live: Live, isThere: IsThere = (reading) => reading?.state === "present"): Query<Astray> {
  const { addresses, routes = {}, sysctls } = live;
  const query = readAll({ addresses, routes: Object.keys(routes), sysctls: Object.keys(sysctls) });
  return {
    steps: query.steps,
    parse: (results) => {
      const have = query.parse(results);
      return {
        addresses: addresses.filter((key) => !isThere(have.addresses?.[key])),
        routes: differing(have, { routes }).map(({ key, want }) => ({ to: key, want: words(want as RouteWant) })),
        sysctls: differing(have, { sysctls }).map(({ key, is, want }) => ({
          key,
          want: String(want),
          ...(is.state === "present" && { got: String(is.value) }),
        })),
      };
    },
  };
}

/** A route as `ip route` takes it: `via 192.0.2.1 dev eth0`. */
export function words(want: RouteWant): string {
  return Object.entries(want).flat().join(" ");
}
