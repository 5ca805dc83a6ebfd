import { type AddressHave, isUsed, whyUnused } from "../linux/address.js";
import type { Query, Reading } from "../linux/noun.js";
import type { HostPlan, RouteWant, VerificationPlan } from "../plan/types.js";
import { differing, readAll } from "./sections.js";

/** What must be live on a host. */
export type Live = VerificationPlan["realServers"][string] & Pick<HostPlan, "rules" | "links">;

/** What of it is not so; `got` is the value that a sysctl has instead, if any. */
export interface Astray {
  /** `unused`: why the kernel does not use one that is there. */
  addresses: { key: string; unused?: string }[];
  routes: { to: string; want: string }[];
  sysctls: { key: string; want: string; got?: string }[];
  /** `unreadable`: why it cannot be told whether the rule is there. */
  rules: { key: string; unreadable?: string }[];
  /** Devices that are not up. */
  links: string[];
}

/** Asks a host what of it is not so. An address that the kernel does not use is none. */
export function astray({ addresses, routes = {}, sysctls, rules = {}, links = {} }: Live): Query<Astray> {
  const [routeKeys, sysctlKeys, ruleKeys, linkKeys] = [routes, sysctls, rules, links].map((map) => Object.keys(map));
  const query = readAll({ addresses, routes: routeKeys, sysctls: sysctlKeys, rules: ruleKeys, links: linkKeys });
  return {
    steps: query.steps,
    parse: (results) => {
      const have = query.parse(results);
      return {
        addresses: addresses.flatMap((key) => {
          const reading = have.addresses?.[key];
          const unused = whyUnused(reading);
          return isUsed(reading) ? [] : [{ key, ...(unused !== undefined && { unused }) }];
        }),
        routes: differing(have, { routes }).map(({ key, want }) => ({ to: key, want: words(want as RouteWant) })),
        sysctls: differing(have, { sysctls }).map(({ key, is, want }) => ({
          key,
          want: String(want),
          ...(is.state === "present" && { got: String(is.value) }),
        })),
        rules: differing(have, { rules }).map(({ key, is }) => ({
          key,
          ...(is.state === "unreadable" && { unreadable: is.reason }),
        })),
        links: differing(have, { links }).map(({ key }) => key),
      };
    },
  };
}

/** VIPs that are there and that the kernel does not use: their director holds them in name only. */
export function unusedVips(host: string, vips: Record<string, Reading<AddressHave>>): string[] {
  return Object.entries(vips).flatMap(([vip, reading]) => {
    const why = whyUnused(reading);
    return why === undefined ? [] : [notUsed(host, vip, why)];
  });
}

/** What is said of an address that is there in name only. */
export function notUsed(host: string, key: string, why: string): string {
  return `${host}: ${key} must be used by the kernel, got ${why}. Look with "ip address show" who else has it.`;
}

/** A route as `ip route` takes it: `via 192.0.2.1 dev eth0`. */
export function words(want: RouteWant): string {
  return Object.entries(want).flat().join(" ");
}
