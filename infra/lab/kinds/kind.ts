import { BlockList, isIP } from "node:net";
import type { MachineRecord, NicRecord } from "../inventory.js";
import { MANAGEMENT_NIC } from "../names.js";
import type { TarEntry } from "../tar.js";

/** What a kind takes of a machine. */
export type KindMachine = Pick<MachineRecord, "name" | "nics" | "routes">;

/** A way in which a guest keeps its own network. Its packages are in `infra/setup/image/kinds/<name>.txt`. */
export interface GuestKind {
  /** Units that bring the network up: enabled, and started by the first boot. */
  units: readonly string[];
  /** The manager's configuration of the service NICs; the management NIC is not its own. */
  files: (machine: KindMachine) => TarEntry[] | Promise<TarEntry[]>;
}

/** A service NIC as managers are told of it. */
export interface ServiceNic {
  name: string;
  /** `<address>/<prefix length>` by family. */
  ipv4: string[];
  ipv6: string[];
  /** Those routes of the machine whose next hop is on this NIC's networks. */
  routes: { to: string; via: string }[];
}

function reaches(nic: NicRecord, via: string): boolean {
  const family = isIP(via) === 6 ? "ipv6" : "ipv4";
  return nic.addresses.some((each) => {
    const [address = "", length] = each.split("/");
    if (isIP(address) !== isIP(via)) return false;
    const network = new BlockList();
    network.addSubnet(address, Number(length), family);
    return network.check(via, family);
  });
}

/** The NICs of a machine but the one for management, each with its routes. */
export function serviceNics({ nics, routes }: KindMachine): ServiceNic[] {
  const own = Object.entries(nics).filter(([name]) => name !== MANAGEMENT_NIC);
  const owner = (via: string) => own.find(([, nic]) => reaches(nic, via))?.[0];
  return own.map(([name, { addresses }]) => ({
    name,
    ipv4: addresses.filter((address) => !address.includes(":")),
    ipv6: addresses.filter((address) => address.includes(":")),
    routes: routes.filter(({ via }) => owner(via) === name),
  }));
}

/** Routes whose next hop is on none of the machine's networks: no manager could be told of them. */
export function unreachableRoutes(machine: KindMachine): KindMachine["routes"] {
  const known = serviceNics(machine).flatMap(({ routes }) => routes);
  return machine.routes.filter((route) => !known.includes(route));
}

/** `default` written as a network of the next hop's family. */
export function target({ to, via }: { to: string; via: string }): string {
  if (to !== "default") return to;
  return via.includes(":") ? "::/0" : "0.0.0.0/0";
}

/** A text file of the guest. */
export function file(path: string, lines: readonly string[], mode = 0o644): TarEntry {
  return { path, mode, content: `${lines.join("\n")}\n` };
}

/** Devices other than NICs are none of a manager's business, and telling udev of them costs a slow kernel 10 s. */
export const udevForNics: TarEntry[] = [
  { path: "etc/systemd/system/systemd-udev-trigger.service.d/", mode: 0o755 },
  file("etc/systemd/system/systemd-udev-trigger.service.d/lab.conf", [
    "[Service]",
    "ExecStart=",
    "ExecStart=-udevadm trigger --type=devices --action=add --subsystem-match=net",
  ]),
];

/** Units of networkd; the others come with it from the second boot on. */
export const networkdUnits = [
  "systemd-networkd.service",
  "systemd-networkd-wait-online.service",
  "systemd-network-generator.service",
] as const;

/** Units of udev; systemd wants them by itself from the second boot on. */
export const udevUnits = ["systemd-udevd.service", "systemd-udev-trigger.service"] as const;
