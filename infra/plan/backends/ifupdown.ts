import { template, type FileDraft } from "../part.js";
import type { NetworkBackend } from "./backend.js";
import { deviceCommands } from "./commands.js";
import { isOurs, perDevice } from "./device.js";
import { withUnits } from "./systemd-unit.js";

/**
 * ifupdown: stanzas for lo and tunnels, and for the host's own interfaces a script that runs after each of them has come
 * up, since Debian reads interfaces.d before the host's own stanza. ifupdown has no daemon: there is nothing to load.
 */
export const ifupdown: NetworkBackend = {
  persist(want) {
    const { cluster, suffix } = want;
    const devices = perDevice(want).map((device) => ({ device, commands: deviceCommands(device) }));
    const stanzas = devices
      .filter(({ device }) => isOurs(device))
      .map(({ device, commands }) => ({
        dev: device.dev,
        lo: device.dev === "lo",
        up: commands.map(({ up }) => up),
        down: commands.map(({ down }) => down).reverse(),
      }));
    const hooks = devices
      .filter(({ device }) => !isOurs(device))
      .map(({ device: { dev }, commands }) => ({ dev, up: commands.map(({ up }) => up) }));
    const file = (path: string, mode: string, key: string, list: readonly object[]): [string, FileDraft][] =>
      list.length === 0 ? [] : [[`/${path}${suffix}`, { template: path, ...template(mode, { cluster, [key]: list }) }]];
    return withUnits({ ...want, links: {}, addresses: {}, routes: {} }, [
      // Names without a dot: `source-directory` and run-parts take no others.
      ...file("etc/network/interfaces.d/pulumi-lvs", "0644", "stanzas", stanzas),
      ...file("etc/network/if-up.d/pulumi-lvs", "0755", "hooks", hooks),
    ]);
  },
};
