import { file, serviceNics, target, type GuestKind, type ServiceNic } from "./kind.js";

/** A stanza for each address, as interfaces(5) has it; the first one of a family carries what belongs to the NIC. */
function stanzas({ name, ipv4, ipv6, routes }: ServiceNic): string[] {
  const route = (to: { to: string; via: string }) =>
    `    up ip${to.via.includes(":") ? " -6" : ""} route replace ${target(to)} via ${to.via} dev ${name}`;
  const lines = [`auto ${name}`];
  // The stanza after which all next hops can be reached.
  const last = [...ipv4, ...ipv6].at(-1);
  for (const address of [...ipv4, ...ipv6]) {
    const family = address.includes(":") ? "inet6" : "inet";
    lines.push(`iface ${name} ${family} static`, `    address ${address}`);
    if (family === "inet6") lines.push("    dad-attempts 0", "    accept_ra 0");
    if (address === last) lines.push(...routes.map(route));
  }
  if (last === undefined) lines.push(`iface ${name} inet manual`);
  return [...lines, ""];
}

/** Debian's ifupdown with one file, as the installer writes it. */
export const ifupdown: GuestKind = {
  units: ["networking.service"],
  files: (machine) => [
    file("etc/network/interfaces", [
      "source /etc/network/interfaces.d/*",
      "",
      "auto lo",
      "iface lo inet loopback",
      "",
      ...serviceNics(machine).flatMap(stanzas),
    ]),
  ],
};
