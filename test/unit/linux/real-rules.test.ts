import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { localHost } from "../../../infra/host/local.js";
import type { Host } from "../../../infra/host/types.js";
import type { Reading } from "../../../infra/linux/noun.js";
import { rule } from "../../../infra/linux/rule.js";
import type { HostPlan } from "../../../infra/plan/types.js";
import { planCluster } from "../../../infra/render/index.js";
import { readTemplate } from "../../../infra/render/templates.js";
import { caseOne, changed, checked } from "../spec/case-1.js";
import { Files, ownFirewall, type OwnFirewall } from "./firewalls.js";
import { isolated, run, skip } from "./namespace.js";

const VIP = "192.168.184.100";
const OTHER = "192.168.184.50";

type Kind = "nftables" | "iptables-nft" | "iptables-legacy";
const programs: Record<Kind, string> = {
  nftables: "nft",
  "iptables-nft": "xtables-nft-multi",
  "iptables-legacy": "xtables-legacy-multi",
};

/** Why a kind cannot be tried here. */
function missing(kind: Kind): string | false {
  if (skip) return skip;
  if (!existsSync(`/usr/sbin/${programs[kind]}`)) return `${programs[kind]} is not installed`;
  const list = kind === "nftables" ? ["nft", "list", "ruleset"] : [programs[kind], "iptables", "-S"];
  const { status } = spawnSync("unshare", ["--net", ...list]);
  return status === 0 ? false : `this kernel has no ${kind}`;
}

/** A host of case 1 that lets the cluster through. */
function hostOf(name: string, kind: Kind, set: Record<string, unknown> = {}): HostPlan {
  const backend = kind === "nftables" ? "nftables" : "iptables";
  const firewall = { backend, allow: true };
  return planCluster(checked(changed(caseOne().cluster, { set: { "/firewall": firewall, ...set } }))).hosts[name]!;
}

/** A host whose own firewall drops all but SSH, with a wire to somebody else; `iptables` is of the kind. */
class Wired {
  readonly files = new Files();
  own!: OwnFirewall;
  private hosts!: { on: Host; from: Host };
  private ends: (() => Promise<void>)[] = [];

  async open(kind: Kind, address: string): Promise<void> {
    const [here, there] = [await isolated(), await isolated()];
    this.ends = [here.end, there.end];
    const swap =
      kind === "iptables-legacy" ? `mount --bind /usr/sbin/${programs[kind]} /usr/sbin/xtables-nft-multi; ` : "";
    // A mount namespace for each batch: what is mounted over goes with it.
    const shell = ["nsenter", "-t", String(here.pid), "-n", "unshare", "-m", "sh", "-c", `${swap}exec /bin/sh`];
    this.hosts = { on: localHost("host", shell), from: there.host };
    this.own = ownFirewall(kind === "nftables" ? "nftables" : "iptables", this.files);
    await run(there.host, ["ip", "link", "delete", "veth0"]);
    await this.on(`ip address flush dev veth0
      ip link set veth1 netns ${there.pid}
      ip address add ${address}/24 dev veth0; ip address add ${VIP}/32 dev lo
      ip address add 224.0.0.18/32 dev veth0 autojoin
      sysctl -qw net.ipv6.conf.all.disable_ipv6=1`);
    await this.from(`ip link set veth1 up; ip address add ${OTHER}/24 dev veth1`);
  }

  async close(): Promise<void> {
    for (const end of this.ends) await end();
    this.files.remove();
  }

  on = (command: string) => run(this.hosts.on, ["sh", "-c", command]);
  from = (command: string) => run(this.hosts.from, ["sh", "-c", command]);
  get host(): Host {
    return this.hosts.on;
  }

  /** True where the other's attempt to connect reaches the host, which then says that nobody listens. */
  async passes(port: number, address = VIP): Promise<boolean> {
    const attempt = `timeout 1 bash -c 'exec 3<>/dev/tcp/${address}/${port}' 2>&1 || true`;
    return /refused/.test(await this.from(attempt));
  }

  async read(keys: string[]): Promise<Record<string, Reading<unknown>>> {
    const query = rule.read(keys);
    return query.parse(await this.host.run(query.steps));
  }

  async states(keys: string[]): Promise<string[]> {
    return [...new Set(Object.values(await this.read(keys)).map(({ state }) => state))];
  }
}

/** A packet of VRRP, as far as a firewall looks; 32 is IP_MULTICAST_IF, which perl's Socket has not. */
const advertise = `perl -MSocket -e 'socket(my $s, AF_INET, SOCK_RAW, 112) or die $!;
  setsockopt($s, 0, 32, inet_aton("${OTHER}")) or die $!;
  send($s, "x" x 20, 0, sockaddr_in(0, inet_aton("224.0.0.18"))) or die $!'`;

for (const kind of Object.keys(programs) as Kind[]) {
  describe(`on a host that filters by ${kind}`, { skip: missing(kind) }, () => {
    const wired = new Wired();
    let [had, found]: [string, Record<string, Reading<unknown>>] = ["", {}];
    const plan = hostOf("director-a", kind, {
      "/directors/0/interface": "veth0",
      "/directors/1/interface": "veth0",
      "/vips/0": { address: `${VIP}/24` },
      "/services/0": { vip: VIP, mark: 7, ports: [80, 443], check: { type: "tcp", port: 80 } },
    });
    const keys = Object.keys(plan.rules!).sort();
    const wants = plan.rules!;
    before(async () => {
      await wired.open(kind, "192.168.184.11");
      await wired.on(wired.own.load);
      had = await wired.on(wired.own.show);
    });
    after(() => wired.close());

    test("nothing of the cluster passes at first", async () => {
      found = await wired.read(keys);
      assert.deepEqual(await wired.states(keys), ["absent"]);
      assert.equal(await wired.passes(80), false);
      await wired.from(advertise);
      assert.notEqual((await wired.on(wired.own.dropped)).trim(), "0", "an advertisement is dropped");
    });

    test("what the cluster needs passes, and nothing else", async () => {
      await wired.host.run(rule.changeAll!(found, wants));
      assert.deepEqual(await wired.states(keys), ["present"]);
      assert.deepEqual(rule.changeAll!(await wired.read(keys), wants), []);
      const dropped = await wired.on(wired.own.dropped);
      await wired.from(advertise);
      assert.equal(await wired.on(wired.own.dropped), dropped, "an advertisement passes");
      assert.deepEqual(
        [
          await wired.passes(80),
          await wired.passes(443),
          await wired.passes(81),
          await wired.passes(80, "192.168.184.11"),
        ],
        [true, true, false, false],
      );
    });

    test("a reload of the host's own firewall takes all away; what the boot's unit runs brings it back, once", async () => {
      await wired.on(wired.own.load);
      assert.deepEqual(await wired.states(keys), ["absent"]);
      const of = (pattern: RegExp) => Object.entries(plan.files).find(([path]) => pattern.test(path))![1].content;
      const program = wired.files.write("rules", of(/^\/usr\/local\/sbin\/lvs-(nft|iptables)-rules$/), 0o755);
      const list = wired.files.write("list", of(/^\/etc\/pulumi-lvs\/(nft|iptables)-rules$/));
      for (let round = 0; round < 2; round++) await wired.on(`${program} add ${list}`);
      assert.deepEqual(await wired.states(keys), ["present"]);
      assert.equal(await wired.passes(80), true);
      await wired.on(`${program} remove ${list}`);
      assert.equal(await wired.on(wired.own.show), had, "each was there once");
      await wired.on(`${program} add ${list}`);
    });

    test("one that somebody took out is seen, and set again without the others", async () => {
      const one = keys.find((key) => key.includes("443"))!;
      await wired.host.run(rule.changeAll!(await wired.read([one]), { [one]: undefined }));
      const have = await wired.read(keys);
      assert.deepEqual(
        keys.filter((key) => have[key]!.state === "absent"),
        [one],
      );
      const steps = rule.changeAll!(have, wants);
      assert.equal(steps.length, 1);
      await wired.host.run(steps);
      assert.deepEqual(await wired.states(keys), ["present"]);
    });

    test("what we gave up leaves the host's own rules as they were found", async () => {
      await wired.host.run(rule.restoreAll!(await wired.read(keys), found));
      assert.equal(await wired.on(wired.own.show), had);
    });
  });
}

test("what sets rules of nft at boot is what sets them over SSH", () => {
  const template = readTemplate("usr/local/sbin/lvs-nft-rules");
  const text = readFileSync(join(__dirname, "../../../infra/linux/sh/nft-rules.sh"), "utf8");
  assert.equal(template, `#!/bin/sh\n# {{origin}}\n${text}`);
});

describe("tables of iptables-nft", { skip: missing("iptables-nft") }, () => {
  const keys = [
    `iptables mangle PREROUTING -d ${VIP}/32 -j MARK --set-mark 7`,
    `iptables nat POSTROUTING -d ${VIP}/32 -j ACCEPT`,
  ];
  const wired = new Wired();
  let [had, found]: [string, Record<string, Reading<unknown>>] = ["", {}];
  const set = async () => {
    had = await wired.on("nft list ruleset");
    found = await wired.read(keys);
    assert.equal(await wired.on("nft list ruleset"), had, "looking makes nothing");
    await wired.host.run(rule.changeAll!(found, Object.fromEntries(keys.map((key) => [key, "present"]))));
    assert.match(await wired.on("nft list tables"), /^table ip mangle$/m);
  };
  const giveUp = async () => wired.host.run(rule.restoreAll!(await wired.read(keys), found));
  before(async () => {
    await wired.open("iptables-nft", "192.168.184.11");
    await wired.on("iptables -t nat -A OUTPUT -j ACCEPT; iptables -t nat -D OUTPUT -j ACCEPT");
  });
  after(() => wired.close());

  test("go with the last rule of ours where they came with the first, and stay, empty as they are, where they did not", async () => {
    await set();
    await giveUp();
    assert.equal(await wired.on("nft list ruleset"), had);
    assert.match(had, /^table ip nat \{$/m);
    assert.doesNotMatch(had, /mangle/);
  });

  for (const [what, command, kept] of [
    ["a rule", "iptables -t mangle -A PREROUTING -j ACCEPT", /-A PREROUTING -j ACCEPT/],
    ["a rule in another chain", "iptables -t mangle -A OUTPUT -j ACCEPT", /-A OUTPUT -j ACCEPT/],
    ["a chain", "iptables -t mangle -N THEIRS", /-N THEIRS/],
    ["a policy", "iptables -t mangle -P PREROUTING DROP", /-P PREROUTING DROP/],
  ] as const)
    test(`stay when somebody has ${what} in them by now`, async () => {
      await set();
      await wired.on(command);
      await giveUp();
      assert.match(await wired.on("iptables -t mangle -S"), kept);
      assert.deepEqual(await wired.states(keys), ["absent"]);
      await wired.on("nft delete table ip mangle");
    });
});

describe("rules of both iptables", { skip: missing("iptables-nft") || missing("iptables-legacy") }, () => {
  test("are not mistaken for each other: the host's own is read and changed", async () => {
    const nft = new Wired();
    await nft.open("iptables-nft", "192.168.184.11");
    try {
      const keys = Object.keys(hostOf("rs1", "iptables-nft").rules!);
      await nft.on(
        `iptables-legacy -A INPUT -d ${VIP}/32 -p tcp -m tcp --dport 80 -m comment --comment pulumi-lvs:web -j ACCEPT`,
      );
      assert.deepEqual(await nft.states(keys), ["absent"]);
      await nft.host.run(
        rule.changeAll!(await nft.read(keys), Object.fromEntries(keys.map((key) => [key, "present"]))),
      );
      assert.deepEqual(await nft.states(keys), ["present"]);
      assert.equal((await nft.on("iptables-legacy -S INPUT")).match(/^-A/gm)?.length, 1);
    } finally {
      await nft.close();
    }
  });
});
