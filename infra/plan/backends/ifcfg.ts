import { familyOf, netmaskOf } from "../../spec/index.js";
import { isRoute6 } from "../keys.js";
import { template, type FileDraft } from "../part.js";
import type { NetworkBackend } from "./backend.js";
import { routeWords } from "./commands.js";
import { isGateway, isOurs, perDevice, wantsOf, type DeviceWant } from "./device.js";
import { withUnits } from "./systemd-unit.js";

const folder = "etc/sysconfig/network-scripts";
/** The service that runs ifup at boot, and again when somebody restarts it. */
const service = "network.service";

/**
 * RHEL's network-scripts: a file per labelled address (`ifcfg-lo:3`), one for all of IPv6 of a device, and one with its
 * routes. An address without label has no file of its own there but the host's, so a unit sets it, again after each
 * restart of the network, which empties interfaces. ifup is called at boot: there is nothing to load.
 */
export const ifcfg: NetworkBackend = {
  persist(want) {
    const devices = perDevice(want);
    const split = devices.map((device) => ({
      file: { ...device, ...part(device, want.suffix) },
      rest: rest(device, want.suffix),
    }));
    const files = split.flatMap(({ file }) => [...aliases(want.cluster, file), ...routes(want.cluster, file)]);
    return withUnits({ ...want, ...wantsOf(split.map((each) => each.rest)) }, files, service);
  },
};

/** A tunnel that a module brings is no interface that ifup knows; two layers cannot both have `route-<dev>`. */
function part(device: DeviceWant, suffix: string): Pick<DeviceWant, "addresses" | "routes"> {
  if (device.link) return { addresses: [], routes: [] };
  return {
    addresses: device.addresses.filter(
      ({ address, label, scope }) =>
        scope === undefined && (familyOf(address) === 4 ? label !== undefined : suffix === ""),
    ),
    // ifup adds the host's own gateway first, and would not put another in its place.
    routes: suffix === "" ? device.routes.filter((route) => !isGateway(route)) : [],
  };
}

function rest(device: DeviceWant, suffix: string): DeviceWant {
  const { addresses, routes } = part(device, suffix);
  return {
    ...device,
    addresses: device.addresses.filter((each) => !addresses.includes(each)),
    routes: device.routes.filter((each) => !routes.includes(each)),
  };
}

function aliases(cluster: string, device: DeviceWant): [string, FileDraft][] {
  const four = device.addresses.filter(({ address }) => familyOf(address) === 4);
  const [first, ...others] = device.addresses.filter(({ address }) => familyOf(address) === 6);
  const lo = isOurs(device);
  return [
    ...four.map(({ address, label = "" }): [string, FileDraft] => {
      const [ip = "", prefix = ""] = address.split("/");
      return alias(cluster, label, { lo, ip, netmask: netmaskOf(Number(prefix)), six: "", sixes: "" });
    }),
    ...(first === undefined
      ? []
      : [
          alias(cluster, `${device.dev}:lvs6`, {
            lo,
            ip: "",
            netmask: "",
            six: first.address,
            sixes: others.map(({ address }) => address).join(" "),
          }),
        ]),
  ];
}

function alias(cluster: string, name: string, context: object): [string, FileDraft] {
  return [
    `/${folder}/ifcfg-${name}`,
    { template: `${folder}/ifcfg-alias`, ...template("0644", { cluster, name, ...context }) },
  ];
}

function routes(cluster: string, { dev, routes: all }: DeviceWant): [string, FileDraft][] {
  return [
    { kind: "route", list: all.filter(({ to }) => !isRoute6(to)) },
    { kind: "route6", list: all.filter(({ to }) => isRoute6(to)) },
  ].flatMap(({ kind, list }): [string, FileDraft][] =>
    list.length === 0
      ? []
      : [
          [
            `/${folder}/${kind}-${dev}`,
            {
              template: `${folder}/route`,
              ...template("0644", {
                cluster,
                routes: list.map(({ to, ...route }) => routeWords(to, { ...route, dev })),
              }),
            },
          ],
        ],
  );
}
