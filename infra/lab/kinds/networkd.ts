import { file, serviceNics, target, udevForNics, networkdUnits, udevUnits, type GuestKind } from "./kind.js";

/** systemd-networkd, with one `.network` file for each NIC; see systemd.network(5). */
export const networkd: GuestKind = {
  units: [...udevUnits, ...networkdUnits],
  files: (machine) => [
    ...udevForNics,
    ...serviceNics(machine).map(({ name, ipv4, ipv6, routes }) =>
      file(`etc/systemd/network/10-${name}.network`, [
        "[Match]",
        `Name=${name}`,
        "",
        "[Network]",
        "IPv6AcceptRA=no",
        ...[...ipv4, ...ipv6].map((address) => `Address=${address}`),
        ...routes.flatMap((route) => ["", "[Route]", `Destination=${target(route)}`, `Gateway=${route.via}`]),
      ]),
    ),
  ],
};
