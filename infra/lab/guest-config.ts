import type { MachineRecord } from "./inventory.js";
import { guestKind } from "./kinds/index.js";
import { file } from "./kinds/kind.js";
import type { KeyPair } from "./keys.js";
import { MANAGEMENT_NIC } from "./names.js";
import type { TarEntry } from "./tar.js";

/** Text of `/etc/lab/network`, read by the guest's `/usr/lib/lab/network`. */
export function networkFile(machine: Pick<MachineRecord, "nics" | "routes" | "kind">): string {
  const nics = Object.entries(machine.nics);
  // Of a NIC that has a manager, the script only sees to the name.
  const managed = (name: string) => guestKind(machine.kind) !== undefined && name !== MANAGEMENT_NIC;
  return [
    ...nics.map(([name, nic]) => `${managed(name) ? "name" : "link"} ${nic.mac} ${name}`),
    ...nics
      .filter(([name]) => !managed(name))
      .flatMap(([name, nic]) => nic.addresses.map((address) => `address ${name} ${address}`)),
    ...(guestKind(machine.kind) === undefined ? machine.routes : []).map((route) => `route ${route.to} ${route.via}`),
    "",
  ].join("\n");
}

/** What makes a bare guest into this machine: the contents of its second disk. */
export async function guestFiles(machine: MachineRecord, hostKey: KeyPair, clientKey: string): Promise<TarEntry[]> {
  const kind = guestKind(machine.kind);
  return [
    { path: "etc/hostname", mode: 0o644, content: `${machine.name}\n` },
    {
      path: "etc/hosts",
      mode: 0o644,
      content: `127.0.0.1 localhost\n127.0.1.1 ${machine.name}\n::1 localhost ip6-localhost ip6-loopback\n`,
    },
    { path: "etc/ssh/ssh_host_ed25519_key", mode: 0o600, content: hostKey.privateKey },
    { path: "etc/ssh/ssh_host_ed25519_key.pub", mode: 0o644, content: `${hostKey.publicKey}\n` },
    { path: "root/.ssh/", mode: 0o700 },
    { path: "root/.ssh/authorized_keys", mode: 0o600, content: `${clientKey}\n` },
    { path: "etc/lab/", mode: 0o755 },
    { path: "etc/lab/network", mode: 0o644, content: networkFile(machine) },
    ...(kind === undefined ? [] : [file("etc/lab/units", kind.units), ...(await kind.files(machine))]),
  ];
}
