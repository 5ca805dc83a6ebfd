import { template, type FileDraft } from "../part.js";
import { familyOf } from "../../spec/index.js";
import { isRoute6, networkOfRoute } from "../keys.js";
import type { NetworkBackend, NetworkWant } from "./backend.js";
import { isOurs, perDevice, wantsOf, type DeviceWant } from "./device.js";
import { systemdUnit } from "./systemd-unit.js";

const folder = "/etc/systemd/network";

/**
 * systemd-networkd: a drop-in beside the host's own `.network` file of a device, and a file of our own for lo and tunnels,
 * which have none. Nothing of it is loaded live: a reload sets each link up anew whose files changed, and takes routes
 * that `ip` has set off it for a moment. At its next start networkd reads the same as is live.
 */
export const networkd: NetworkBackend = {
  persist(want) {
    const { cluster, suffix, names } = want;
    const devices = perDevice(want, want.floating);
    // Two layers cannot both have a file for lo: networkd takes the first one only.
    const taken = devices.filter((device) => !isOurs(device) || device.dev in names || suffix === "");
    const left = devices.filter((device) => !taken.includes(device));
    const files = taken.map((device): [string, FileDraft] => {
      const name = names[device.dev];
      if (isOurs(device) && name === undefined)
        return [`${folder}/10-pulumi-lvs-${device.dev}.network`, ownFile(want, device)];
      return dropIn(want, name ?? device.dev, device);
    });
    const rest = systemdUnit.persist({ ...want, ...wantsOf(left) });
    return {
      files: Object.fromEntries([
        ...files,
        ...foreign(cluster, suffix, files.length > 0),
        ...Object.entries(rest.files ?? {}),
      ]),
      ...(rest.units && { units: rest.units }),
    };
  },
};

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

function ownFile({ cluster }: NetworkWant, device: DeviceWant): FileDraft {
  return {
    template: "etc/systemd/network/10-pulumi-lvs.network",
    ...template("0644", { cluster, dev: device.dev, ...sections(device) }),
  };
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
