import type { MachineRecord } from "./inventory.js";
import type { KeyPair } from "./keys.js";
import type { TarEntry } from "./tar.js";

/** Text of `/etc/lab/network`, read by the guest's `/usr/lib/lab/network`. */
export function networkFile(machine: Pick<MachineRecord, "nics" | "routes">): string {
  const nics = Object.entries(machine.nics);
  return [
    ...nics.map(([name, nic]) => `link ${nic.mac} ${name}`),
    ...nics.flatMap(([name, nic]) => nic.addresses.map((address) => `address ${name} ${address}`)),
    ...machine.routes.map((route) => `route ${route.to} ${route.via}`),
    "",
  ].join("\n");
}

/** What makes a bare guest into this machine: the contents of its second disk. */
export function guestFiles(machine: MachineRecord, hostKey: KeyPair, clientKey: string): TarEntry[] {
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
  ];
}
