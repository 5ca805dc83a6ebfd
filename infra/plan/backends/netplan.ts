import { familyOf } from "../../spec/index.js";
import { networkOfRoute } from "../keys.js";
import { template, type FileDraft } from "../part.js";
import type { NetworkBackend } from "./backend.js";
import type { DeviceWant } from "./device.js";
import { dropIn, foreign, shares } from "./networkd.js";
import { withUnits } from "./systemd-unit.js";

/**
 * netplan, rendering for systemd-networkd: a YAML file of our own, which netplan joins with the host's by device, and
 * drop-ins for what YAML has no word for; lo and tunnels stay with units, as under networkd. `netplan apply` would touch
 * links, so nothing of it runs live but `netplan generate`, which writes below /run only: then a networkd that starts anew
 * finds what is live.
 */
export const netplan: NetworkBackend = {
  persist(want) {
    const { cluster, suffix, names } = want;
    const { theirs, rest } = shares(want);
    const placed = theirs.map((device) => {
      const [id = "", section = "ethernets"] = (names[device.dev] ?? device.dev).split("/").reverse();
      return { id, section, device };
    });
    // A device on which only keepalived puts addresses needs no word in YAML.
    const written = placed.filter(({ device }) => device.addresses.length + device.routes.length > 0);
    const sections = [...new Set(written.map(({ section }) => section))].sort().map((section) => ({
      section,
      devices: written.filter((each) => each.section === section).map(({ id, device }) => yaml(id, device)),
    }));
    const path = "etc/netplan/90-pulumi-lvs";
    const file: FileDraft = { template: `${path}.yaml`, ...template("0600", { cluster, sections }) };
    return withUnits(rest, [
      ...(sections.length === 0 ? [] : [[`/${path}${suffix}.yaml`, file] as [string, FileDraft]]),
      ...placed.map(({ id, device }) =>
        dropIn(want, `10-netplan-${id}`, { ...device, addresses: device.addresses.filter(isBeyond), routes: [] }),
      ),
      ...foreign(cluster, suffix, placed.length > 0),
    ]);
  },
};

/** netplan's YAML has labels, but no scopes. */
function isBeyond({ scope }: DeviceWant["addresses"][number]): boolean {
  return scope !== undefined;
}

function yaml(id: string, device: DeviceWant) {
  return {
    id,
    addresses: device.addresses
      .filter((address) => !isBeyond(address))
      .map(({ address, label }) => ({ address, label: familyOf(address) === 4 ? (label ?? "") : "" })),
    routes: device.routes.map(({ to, via, src, metric }) => {
      const pairs: [string, string | number | undefined][] = [
        ["to", networkOfRoute(to)],
        ["via", via],
        ["from", src],
        ["metric", metric],
        ["scope", via === undefined ? "link" : undefined],
      ];
      return pairs.flatMap(([word, value]) =>
        value === undefined ? [] : [`${word}: ${typeof value === "number" ? value : `"${value}"`}`],
      );
    }),
  };
}
