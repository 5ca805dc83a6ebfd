import { createHash } from "node:crypto";
import { MANAGEMENT_NIC } from "../names.js";
import { file, serviceNics, target, udevForNics, udevUnits, type GuestKind, type ServiceNic } from "./kind.js";

/** The same for the same NIC of a machine of that name, in the form that RFC 9562 leaves to its maker (version 8). */
function uuid(machine: string, nic: string): string {
  const hex = createHash("sha256").update(`${machine}\0${nic}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

function keyfile(machine: string, { name, ipv4, ipv6, routes }: ServiceNic): string[] {
  const family = (addresses: string[], v6: boolean, without: string) => [
    `method=${addresses.length > 0 ? "manual" : without}`,
    ...addresses.map((address, index) => `address${index + 1}=${address}`),
    ...routes
      .filter(({ via }) => via.includes(":") === v6)
      .map((route, index) => `route${index + 1}=${target(route)},${route.via}`),
  ];
  return [
    "[connection]",
    `id=${name}`,
    `uuid=${uuid(machine, name)}`,
    "type=ethernet",
    `interface-name=${name}`,
    "",
    "[ipv4]",
    ...family(ipv4, false, "disabled"),
    "",
    "[ipv6]",
    ...family(ipv6, true, "link-local"),
  ];
}

/** NetworkManager with one keyfile for each NIC; see nm-settings-keyfile(5). */
export const networkmanager: GuestKind = {
  units: [...udevUnits, "NetworkManager.service"],
  files: (machine) => [
    ...udevForNics,
    file("etc/NetworkManager/conf.d/lab.conf", [
      "[main]",
      // Only what a file says, and no word with a dhcp client.
      "no-auto-default=*",
      "dns=none",
      "",
      "[keyfile]",
      `unmanaged-devices=interface-name:${MANAGEMENT_NIC}`,
    ]),
    ...serviceNics(machine).map((nic) =>
      file(`etc/NetworkManager/system-connections/${nic.name}.nmconnection`, keyfile(machine.name, nic), 0o600),
    ),
  ],
};
