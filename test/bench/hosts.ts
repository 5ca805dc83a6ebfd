import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../infra/lab/command.js";
import { generateKeyPair, type KeyPair } from "../../infra/lab/keys.js";
import { bridgeLines } from "../../infra/lab/links.js";
import { hostAddress } from "../../infra/lab/subnet.js";
import { Held } from "./held.js";

/** A host of the bench as every tool is told of it. */
export interface BenchHost {
  name: string;
  /** Where its sshd is asked: on the first wire. */
  address: string;
  /** By the name of its link, one for each wire. */
  addresses: Record<string, string>;
  /** `ssh-ed25519 AAAA…` */
  hostKey: string;
}

/** A network that hosts are joined to. */
export interface Wire {
  /** What a host calls its link to it. */
  nic: string;
  bridge: string;
  /** Of a /24, one for each host at least. */
  addresses: string[];
}

/** Where hosts are, when not on a wire of their own. */
export interface Place {
  /** Path of the network namespace that holds the bridges. */
  namespace: string;
  wires: Wire[];
}

/** Nobody else sees it: it is in the bench's own namespaces only. */
const SUBNET = "198.18.0.0/24";
const BRIDGE = "lan";
const MOST = 250;
const ownWires: Wire[] = [
  { nic: "eth0", bridge: BRIDGE, addresses: Array.from({ length: MOST }, (_, n) => hostAddress(SUBNET, n + 2)) },
];

/** As on Debian; VERBOSE gives a line for each connection, also for one that never logs in. */
const sshdConfig = `HostKey /etc/ssh/bench_host_key
AuthorizedKeysFile /etc/ssh/bench_authorized_keys
KbdInteractiveAuthentication no
UsePAM yes
PrintMotd no
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
LogLevel VERBOSE
`;

/**
 * SSH hosts as network, mount, PID and UTS namespaces of this machine, on a bridge in a namespace of the bench's own. Each
 * has its own sshd, and an overlay over this machine's root whose upper side is in memory. All of them end with this process.
 */
export class Hosts {
  readonly login: KeyPair = generateKeyPair();
  readonly loginFile: string;
  readonly knownHosts: string;
  private readonly all: (BenchHost & { key: KeyPair })[];
  private readonly wires: Wire[];
  private bridge?: Held;
  private running: { held: Held; pid: string; host: BenchHost }[] = [];

  /**
   * @param folder of the bench alone; a subfolder per host.
   * @param place where they are; on a wire of their own when left out.
   */
  constructor(
    private readonly folder: string,
    count: number,
    private readonly place?: Place,
  ) {
    this.wires = place?.wires ?? ownWires;
    const most = Math.min(...this.wires.map(({ addresses }) => addresses.length));
    if (count > most) throw new RangeError(`hosts: must be at most ${most}, got ${count}`);
    this.all = Array.from({ length: count }, (_, n) => {
      const key = generateKeyPair();
      const addresses = Object.fromEntries(this.wires.map((wire) => [wire.nic, wire.addresses[n]!]));
      const address = this.wires[0]!.addresses[n]!;
      return { name: `rs${n + 1}`, address, addresses, hostKey: key.publicKey, key };
    });
    this.loginFile = join(folder, "login");
    this.knownHosts = join(folder, "known_hosts");
    writeFileSync(this.loginFile, this.login.privateKey, { mode: 0o600 });
    writeFileSync(this.knownHosts, this.all.map(({ address, hostKey }) => `${address} ${hostKey}\n`).join(""));
  }

  /** The first `count` hosts, made anew: nothing has been set up on them yet. */
  async fresh(count: number): Promise<BenchHost[]> {
    await this.end();
    if (!this.place) this.bridge ??= await makeBridge();
    for (let at = 0; at < count; at += 10)
      this.running.push(
        ...(await Promise.all(this.all.slice(at, Math.min(count, at + 10)).map((host) => this.start(host)))),
      );
    this.connections();
    return this.running.map(({ host }) => host);
  }

  /** A command as it must be run to reach the hosts. */
  within(argv: string[]): string[] {
    return ["nsenter", `--net=${this.place?.namespace ?? `/proc/${this.bridge!.pid}/ns/net`}`, "--", ...argv];
  }

  /** What a shell script prints on each running host, not over SSH: for what is no part of a measurement. */
  async everywhere(script: string): Promise<Map<string, string>> {
    const answers = await Promise.all(
      this.running.map(async ({ pid, host }): Promise<[string, string]> => {
        const enter = ["nsenter", `--target=${pid}`, "--net", "--mount", "--uts", "--pid", "--"];
        const root = ["chroot", join(this.folder, host.name, "disk/root")];
        return [host.name, await run([...enter, ...root, "/bin/sh", "-euc", script])];
      }),
    );
    return new Map(answers);
  }

  /** Connections that the sshd of each host has taken since the last call; hosts without any are left out. */
  connections(): Map<string, number> {
    const counted = this.running.map(({ host }): [string, number] => {
      const log = join(this.folder, host.name, "sshd.log");
      const count = readFileSync(log, "utf8").match(/^Connection from /gm)?.length ?? 0;
      // sshd appends, so it goes on at the new end.
      writeFileSync(log, "");
      return [host.name, count];
    });
    return new Map(counted.filter(([, count]) => count > 0));
  }

  /** Ends every host; their disks were memory. */
  async end(): Promise<void> {
    await Promise.all(this.running.map(({ held }) => held.end()));
    this.running = [];
  }

  async close(): Promise<void> {
    await this.end();
    await this.bridge?.end();
  }

  private async start(host: BenchHost & { key: KeyPair }) {
    const folder = join(this.folder, host.name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, "etc/ssh"), { recursive: true });
    mkdirSync(join(folder, "disk"));
    writeFileSync(join(folder, "sshd.log"), "");
    writeFileSync(join(folder, "etc/ssh/sshd_bench"), sshdConfig);
    writeFileSync(join(folder, "etc/ssh/bench_host_key"), host.key.privateKey, { mode: 0o600 });
    writeFileSync(join(folder, "etc/ssh/bench_authorized_keys"), `${this.login.publicKey}\n`);
    const namespaces = ["--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child"];
    const links = Object.entries(host.addresses).map(([nic, address]) => `${nic}=${address}/24`);
    const argv = ["sh", join(__dirname, "host.sh"), folder, host.name, ...links];
    const held = new Held(host.name, ["unshare", ...namespaces, ...argv]);
    const pid = (await held.line()).replace("pid ", "");
    for (const [n, { nic, bridge }] of this.wires.entries()) {
      const port = `p${n}-${host.name}`;
      const peer = ["peer", "name", nic, "netns", pid];
      await run(this.within(["ip", "link", "add", "name", port, "type", "veth", ...peer]));
      await run(this.within(["ip", "link", "set", "dev", port, "master", bridge, "up"]));
    }
    await held.line();
    return { held, pid, host };
  }
}

async function makeBridge(): Promise<Held> {
  const lines = [
    ...bridgeLines(BRIDGE),
    `address add ${hostAddress(SUBNET, 1)}/24 dev ${BRIDGE}`,
    "link set dev lo up",
  ];
  const script = `ip -batch - <<'END'\n${lines.join("\n")}\nEND\necho up\nexec cat`;
  const bridge = new Held("bridge", ["unshare", "--net", "sh", "-euc", script]);
  await bridge.line();
  return bridge;
}
