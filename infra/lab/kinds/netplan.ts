import { file, serviceNics, target, udevForNics, networkdUnits, udevUnits, type GuestKind } from "./kind.js";

/** netplan with systemd-networkd behind it; its generator writes for networkd at each boot. */
export const netplan: GuestKind = {
  units: [...udevUnits, ...networkdUnits],
  files: (machine) => {
    const nics = serviceNics(machine).map(({ name, ipv4, ipv6, routes }): [string, object] => [
      name,
      {
        "accept-ra": false,
        addresses: [...ipv4, ...ipv6],
        ...(routes.length > 0 && { routes: routes.map((route) => ({ to: target(route), via: route.via })) }),
      },
    ]);
    // JSON is YAML.
    const content = { network: { version: 2, renderer: "networkd", ethernets: Object.fromEntries(nics) } };
    return [...udevForNics, file("etc/netplan/50-lab.yaml", [JSON.stringify(content, null, 2)], 0o600)];
  },
};
