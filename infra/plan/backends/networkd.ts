import { template, type FileDraft } from "../part.js";
import { familyOf } from "../../spec/index.js";
import { isRoute6, networkOfRoute } from "../keys.js";
import type { NetworkBackend, NetworkWant } from "./backend.js";
import { isGateway, isOurs, perDevice, wantsOf, type DeviceWant } from "./device.js";
import { withUnits } from "./systemd-unit.js";

const folder = "/etc/systemd/network";

/**
 * systemd-networkd: a drop-in beside the host's own `.network` file of a device. lo and tunnels have none, and stay with
 * units: networkd changes sysctls of a link that it is given, and never puts them back. Nothing is loaded live: a reload sets
 * each link up anew whose files changed, and takes routes that `ip` has set off it for a moment. At its next start networkd
 * reads the same as is live.
 */
export const networkd: NetworkBackend = {
  persist(want) {
    const { theirs, rest } = shares(want);
    const files = theirs.map((device) => dropIn(want, want.names[device.dev] ?? device.dev, device));
    return withUnits(rest, [...files, ...foreign(want.cluster, want.suffix, files.length > 0)]);
  },
};

/** What networkd is told, by device, and what is left to units. */
export function shares(want: NetworkWant): { theirs: DeviceWant[]; rest: NetworkWant } {
  const devices = perDevice(want, want.floating);
  const theirs = devices.filter((device) => !isOurs(device) || device.dev in want.names);
  const ours = devices.filter((device) => !theirs.includes(device));
  // The host's own file may have such a gateway, too, of which networkd keeps both: the unit replaces it once it is there.
  const gateways = theirs.map((device) => ({ ...device, addresses: [], routes: device.routes.filter(isGateway) }));
  return {
    theirs: theirs.map((device) => ({ ...device, routes: device.routes.filter((route) => !isGateway(route)) })),
    rest: { ...want, ...wantsOf([...ours, ...gateways]) },
  };
}

/** Routes of others, as keepalived's, stay when networkd starts; for addresses each device's file says so. */
export function foreign(cluster: string, suffix: string, any: boolean): [string, FileDraft][] {
  if (!any) return [];
  const path = "etc/systemd/networkd.conf.d/pulumi-lvs";
  return [[`/${path}${suffix}.conf`, { template: `${path}.conf`, ...template("0644", { cluster }) }]];
}

/** A drop-in of the `.network` file called `name`. */
export function dropIn({ cluster, suffix }: NetworkWant, name: string, device: DeviceWant): [string, FileDraft] {
  return [
    `${folder}/${name}.network.d/pulumi-lvs${suffix}.conf`,
    {
      template: "etc/systemd/network/interface.network.d/pulumi-lvs.conf",
      ...template("0644", { cluster, ...sections(device) }),
    },
  ];
}

/** Lines of [Address] and [Route], as systemd.network(5) has them. */
function sections({ addresses, routes }: DeviceWant) {
  const lines = (...pairs: [string, string | number | undefined][]) =>
    pairs.flatMap(([word, value]) => (value === undefined ? [] : [`${word}=${value}`]));
  return {
    addresses: addresses.map(({ address, label, scope }) =>
      lines(
        ["Address", address],
        ["Label", label],
        ["Scope", scope],
        // Every real server has the VIP: one that found another owner would not use it.
        ["DuplicateAddressDetection", familyOf(address) === 6 ? "none" : undefined],
      ),
    ),
    routes: routes.map(({ to, via, src, metric }) =>
      lines(
        ["Destination", networkOfRoute(to)],
        ["Gateway", via],
        ["PreferredSource", src],
        ["Metric", metric],
        // `ip` gives this scope to what is reached without a router; networkd needs to be told.
        ["Scope", via === undefined && !isRoute6(to) ? "link" : undefined],
      ),
    ),
  };
}
