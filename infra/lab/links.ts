import { writeFile } from "node:fs/promises";
import { run } from "./command.js";
import { LabCommandError } from "./errors.js";
import type { LabRecord, MachineRecord } from "./inventory.js";
import { bridgeName, hostLinkName, namespaceName, tapAlias } from "./names.js";
import { hostAddress } from "./subnet.js";

/** Bridge and link that carry the management network within the namespace. */
export const MANAGEMENT_BRIDGE = "mgmt";
const UPLINK = "uplink";

interface Link {
  ifname: string;
  ifalias?: string;
  master?: string;
}

/** True when the lab's network namespace is there. */
export async function namespaceExists(id: string): Promise<boolean> {
  return (await listNamespaces()).includes(namespaceName(id));
}

/** Names of all network namespaces of this host. */
export async function listNamespaces(): Promise<string[]> {
  const lines = (await run(["ip", "netns", "list"])).split("\n");
  return lines.map((line) => line.split(" ")[0] ?? "").filter((name) => name !== "");
}

async function listLinks(id: string): Promise<Link[]> {
  return JSON.parse((await run(["ip", "-n", namespaceName(id), "-j", "link", "show"])) || "[]") as Link[];
}

async function hostLinkExists(id: string): Promise<boolean> {
  const links = JSON.parse((await run(["ip", "-j", "link", "show"])) || "[]") as Link[];
  return links.some((link) => link.ifname === hostLinkName(id));
}

async function removeHostLink(id: string): Promise<void> {
  if (!(await hostLinkExists(id))) return;
  await run(["ip", "link", "delete", "dev", hostLinkName(id)]).catch(async (cause: unknown) => {
    // The kernel takes it away by itself, a moment after the namespace that held its other end.
    if (!(cause instanceof LabCommandError) || (await hostLinkExists(id))) throw cause;
  });
}

async function batch(id: string, lines: string[]): Promise<void> {
  if (lines.length > 0) await run(["ip", "-n", namespaceName(id), "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

/**
 * Lines that make a bridge: no spanning tree, no delay before a port forwards, no snooping that could hold back VRRP's
 * multicast, and no address of its own, not even a link-local one.
 */
export function bridgeLines(name: string): string[] {
  return [
    `link add name ${name} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    `link set dev ${name} addrgenmode none up`,
  ];
}

/** Brings a lab's namespace, bridges and management link to what the record says; leaves alone what is there. */
export async function ensureNetworkLinks(lab: LabRecord): Promise<void> {
  const namespace = namespaceName(lab.id);
  if (!(await namespaceExists(lab.id))) {
    // A link that is still there ends in the namespace that was lost.
    await removeHostLink(lab.id);
    await run(["ip", "netns", "add", namespace]);
  }
  const present = new Set((await listLinks(lab.id)).map((link) => link.ifname));
  const bridges = [MANAGEMENT_BRIDGE, ...lab.segments.map(bridgeName)];
  await batch(lab.id, ["link set dev lo up", ...bridges.filter((name) => !present.has(name)).flatMap(bridgeLines)]);

  const host = hostLinkName(lab.id);
  if (!(await hostLinkExists(lab.id))) {
    await run(["ip", "link", "add", "name", host, "type", "veth", "peer", "name", UPLINK, "netns", namespace]);
  }
  // Guests must not get out through the host, even where ip_forward is on.
  await writeFile(`/proc/sys/net/ipv4/conf/${host}/forwarding`, "0");
  const address = `${hostAddress(lab.managementSubnet, 1)}/24`;
  const lines = [`link set dev ${host} addrgenmode none up`, `address replace ${address} dev ${host}`];
  await run(["ip", "-batch", "-"], { input: `${lines.join("\n")}\n` });
  await batch(lab.id, [`link set dev ${UPLINK} addrgenmode none master ${MANAGEMENT_BRIDGE} up`]);
}

/** Removes the bridges of segments that the lab no longer has. */
export async function removeBridges(id: string, segments: string[]): Promise<void> {
  const present = new Set((await listLinks(id)).map((link) => link.ifname));
  const gone = segments.map(bridgeName).filter((name) => present.has(name));
  await batch(
    id,
    gone.map((name) => `link delete dev ${name}`),
  );
}

/** Removes namespace and management link of a lab, as far as they are there. */
export async function removeNetworkLinks(id: string): Promise<void> {
  await removeHostLink(id);
  if (await namespaceExists(id)) await run(["ip", "netns", "delete", namespaceName(id)]);
}

/** Makes the taps of a machine that are not there and joins them to their bridges. */
export async function ensureTaps(id: string, machine: Pick<MachineRecord, "name" | "nics">): Promise<void> {
  const present = new Set((await listLinks(id)).map((link) => link.ifname));
  const missing = Object.entries(machine.nics).filter(([, nic]) => !present.has(nic.tap));
  await batch(
    id,
    missing.flatMap(([name, nic]) => [
      `tuntap add dev ${nic.tap} mode tap`,
      `link set dev ${nic.tap} alias ${tapAlias(machine.name, name)}`,
      `link set dev ${nic.tap} addrgenmode none master ${bridgeOf(nic.segment)} up`,
    ]),
  );
}

function bridgeOf(segment: string | undefined): string {
  return segment === undefined ? MANAGEMENT_BRIDGE : bridgeName(segment);
}

/** Removes the taps of a machine, known by their alias, so that a lost record does not matter. */
export async function removeTaps(id: string, machine: string): Promise<void> {
  if (!(await namespaceExists(id))) return;
  const taps = (await listLinks(id)).filter((link) => link.ifalias?.startsWith(`${machine}/`));
  await batch(
    id,
    taps.map((tap) => `link delete dev ${tap.ifname}`),
  );
}

/**
 * Takes a machine's service NICs off their bridges, or puts them back. The tap stays up, so the guest sees no loss of
 * carrier, and a bridge forgets what it learned on the port, as a switch does.
 */
export async function setServiceLinks(id: string, machine: MachineRecord, connected: boolean): Promise<void> {
  const nics = Object.values(machine.nics).filter((nic) => nic.segment !== undefined);
  await batch(
    id,
    nics.map((nic) => `link set dev ${nic.tap} ${connected ? `master ${bridgeOf(nic.segment)}` : "nomaster"}`),
  );
}

/** Names of the machines whose service links are cut. */
export async function blockedMachines(id: string): Promise<Set<string>> {
  if (!(await namespaceExists(id))) return new Set();
  const cut = (await listLinks(id)).filter((link) => link.ifalias?.includes("/") && link.master === undefined);
  return new Set(cut.map((link) => link.ifalias?.split("/")[0] ?? ""));
}
