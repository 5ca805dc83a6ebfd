import { template, type FileDraft } from "../part.js";
import type { NetworkBackend } from "./backend.js";
import { deviceCommands } from "./commands.js";
import { isOurs, perDevice, wantsOf } from "./device.js";
import { withUnits } from "./systemd-unit.js";

/**
 * NetworkManager: a dispatcher script for what the host's own interfaces get besides, since a device has one profile, and
 * that one is the host's. It runs each time that NetworkManager has set a device up or anew, which takes addresses of
 * others away; and it can what profiles cannot: labels and scopes. NetworkManager leaves lo and tunnels alone, so units
 * set them up. A profile of lo (1.42 and later) would do worse: when it comes up it takes off lo what others put there.
 */
export const networkManager: NetworkBackend = {
  persist(want) {
    const { cluster, suffix } = want;
    const devices = perDevice(want, want.floating);
    const ours = devices.filter(isOurs);
    const hooks = devices
      .filter((device) => !isOurs(device) && device.addresses.length + device.routes.length > 0)
      .map((device) => ({ dev: device.dev, up: deviceCommands(device).map(({ up }) => up) }));
    const unmanaged = ours.filter(({ link }) => link).map(({ dev }) => dev);
    const kept = devices.filter((device) => !isOurs(device)).map(({ dev }) => dev);
    const file = (path: string, end: string, mode: string, context: object): [string, FileDraft] => [
      `/${path}${suffix}${end}`,
      { template: `${path}${end}`, ...template(mode, { cluster, ...context }) },
    ];
    return withUnits({ ...want, ...wantsOf(ours) }, [
      ...(hooks.length > 0 ? [file("etc/NetworkManager/dispatcher.d/50-pulumi-lvs", "", "0755", { hooks })] : []),
      ...(unmanaged.length + kept.length > 0
        ? [file("etc/NetworkManager/conf.d/90-pulumi-lvs", ".conf", "0644", { unmanaged, kept })]
        : []),
    ]);
  },
};
