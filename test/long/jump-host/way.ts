import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireMachine } from "../../../infra/lab/index.js";
import type { Setting } from "../../lab/case-1/setting.js";
import { hostKeyOf, type Way } from "../../lab/case-1/way.js";
import type { Secret } from "../../lab/support/leaks.js";
import type { Stack } from "../../lab/support/stack.js";
import { Credentials, type LockedKey } from "./credentials.js";
import { ADMIN, INSIDE, JUMP, makeHost, makeJumpHost } from "./machines.js";

/** The hosts' addresses on their own network, which this computer has no part in. */
const ADDRESSES: Record<string, string> = {
  "director-a": "192.168.184.11",
  "director-b": "192.168.184.14",
  rs1: "192.168.184.12",
  rs2: "192.168.184.13",
};

/** What one host's sudo has that others' has not. */
const SUDOERS: Record<string, string> = { rs1: "lecture=always", rs2: "requiretty" };

/** Dials to the jump host before giving up: it lets few in at a time. */
export const DIALS = 6;

type Fields = Record<string, unknown>;

/**
 * Through a jump host, as a user with sudo and a password, with keys that have passphrases. Host keys are pinned for the
 * directors, in known_hosts for rs1, and rs2 is an alias of an ssh_config: three ways to say the same, and three
 * connections to the jump host.
 */
export class ThroughJumpHost implements Way {
  readonly credentials = new Credentials();
  readonly machines = ["bastion"];
  readonly bootsHosts = false;
  readonly place = String.raw`\(192\.168\.184\.\d+:\d+ via ${JUMP}@198\.1[89]\.[\d.]+:\d+\)`;
  readonly home = `~${ADMIN}`;
  /** The jump host's address for this computer. */
  address = "";
  private readonly connections = new Map<string, Fields>();

  lab(lab: any): void {
    lab.machines.bastion = { interfaces: { ens32: { segment: "lan", addresses: [`${INSIDE}/24`] } } };
  }

  connection(host: string): Fields | undefined {
    return this.connections.get(host);
  }

  async written(host: string): Promise<Fields> {
    return this.connections.get(host)!;
  }

  secrets(): Secret[] {
    return this.credentials.secrets();
  }

  async prepare({ hosts, id, machine, stack }: Setting): Promise<void> {
    await this.credentials.make();
    await Promise.all([
      makeJumpHost(machine("bastion"), this.credentials),
      ...hosts.map((host) => makeHost(host, this.credentials, SUDOERS[host.name] ?? "")),
    ]);
    this.address = (await requireMachine(id, "bastion")).managementAddress;
    const keys = new Map<string, string>();
    for (const name of ["bastion", ...hosts.map(({ name }) => name)]) keys.set(name, await hostKeyOf(id, name));
    await this.say(stack, keys);
  }

  /** Writes down how each host is reached. */
  private async say(stack: Stack, hostKeys: Map<string, string>): Promise<void> {
    const { host, jump, sudoPassword, folder } = this.credentials;
    const locked = async (key: LockedKey) => ({
      privateKey: await stack.encrypted(key.privateKey),
      privateKeyPassword: await stack.encrypted(key.passphrase),
    });
    const own = { ...(await locked(host)), sudoPassword: await stack.encrypted(sudoPassword) };
    const gate = await locked(jump);
    const dials = { dialErrorLimit: DIALS };

    const pinned = { host: this.address, user: JUMP, ...gate, ...dials, hostKey: hostKeys.get("bastion") };
    for (const name of ["director-a", "director-b"]) {
      const way = { host: ADDRESSES[name], user: ADMIN, ...own, hostKey: hostKeys.get(name) };
      this.connections.set(name, { ...way, proxy: pinned });
    }

    const knownHostsFile = join(folder, "known_hosts");
    const known = [...hostKeys].map(([name, key]) => `${ADDRESSES[name] ?? this.address} ${key}\n`);
    writeFileSync(knownHostsFile, known.join(""));
    this.connections.set("rs1", {
      ...{ host: ADDRESSES["rs1"], user: ADMIN, ...own, knownHostsFile },
      proxy: { host: this.address, user: JUMP, ...gate, ...dials, knownHostsFile },
    });

    const sshConfigFile = join(folder, "config");
    const config = `Host second
  HostName ${ADDRESSES["rs2"]}
  User ${ADMIN}
  ProxyJump gate
Host gate
  HostName ${this.address}
  User ${JUMP}
  IdentityFile ${jump.file}
Host *
  UserKnownHostsFile ${knownHostsFile}
  StrictHostKeyChecking yes
`;
    writeFileSync(sshConfigFile, config);
    const { privateKeyPassword } = gate;
    this.connections.set("rs2", {
      ...{ host: "second", sshConfigFile, ...own },
      proxy: { host: "gate", sshConfigFile, privateKeyPassword, ...dials },
    });
  }
}
