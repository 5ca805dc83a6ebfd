import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { localHost } from "../../../infra/host/local.js";
import type { Host } from "../../../infra/host/types.js";

const tools = ["dnf", "zypper", "rpm", "rpmbuild", "createrepo_c", "unshare", "nsenter"];
const lacking = tools.filter((tool) => !["/usr/bin/", "/bin/"].some((folder) => existsSync(folder + tool)));

const folder = "/mnt";
const mounts = `set -e
mount --make-rprivate /
mount -t tmpfs tmpfs ${folder}
mkdir ${folder}/upper ${folder}/work ${folder}/root
mount -t overlay -o lowerdir=/,upperdir=${folder}/upper,workdir=${folder}/work overlay ${folder}/root
mount --rbind /proc ${folder}/root/proc
mount --rbind /dev ${folder}/root/dev
`;

function overlays(): boolean {
  return spawnSync("unshare", ["--mount", "sh", "-c", mounts], { stdio: "ignore" }).status === 0;
}

/** Why there can be no RPM host here; false when there can. */
export const skip =
  process.platform !== "linux" || process.getuid?.() !== 0
    ? "needs root on Linux, for mounts of its own"
    : lacking.length > 0
      ? `needs ${lacking.join(", ")} (Debian: apt-get install dnf zypper rpm createrepo-c)`
      : overlays()
        ? false
        : "needs overlayfs in a mount namespace, which this machine does not allow";

/** How a distribution looks to the scripts: what it says of itself, and its package manager. */
export interface Distribution {
  release: string;
  /** Shell lines that make of this machine's tools those of the distribution. */
  tools: string;
}

/**
 * A copy-on-write view of this machine that takes itself for another distribution, with an RPM database of its own and one
 * repository of dummies; this machine sees nothing of it, and it goes with `end`. `start` runs a command in it beside the test.
 */
export async function rpmHost({ release, tools }: Distribution): Promise<{
  host: Host;
  start: (command: string) => ChildProcess;
  end: () => Promise<void>;
}> {
  const keeper = spawn("unshare", ["--mount", "sh", "-c", `${mounts}echo ready; read end`], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(keeper.stdout, "data");
  const inside = ["nsenter", "-t", String(keeper.pid), "-m", "chroot", `${folder}/root`, "/bin/sh"];
  const host = localHost("rpm-host", inside);
  const end = async () => {
    keeper.stdin.end();
    if (keeper.exitCode === null) await once(keeper, "exit");
  };
  const [command = "", ...words] = inside;
  const start = (line: string) => spawn(command, [...words, "-c", line], { stdio: "ignore" });
  const text = `set -e
rm -rf /etc/os-release /root/.rpmdb /var/lib/rpm /etc/yum.repos.d /etc/zypp/repos.d /etc/keepalived
mkdir -p /etc/rpm /etc/yum.repos.d /etc/zypp/repos.d /var/lib/rpm /build /repo
cat >/etc/os-release
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros.lvs
printf '[lvs]\\nname=lvs\\nbaseurl=file:///repo\\nenabled=1\\ngpgcheck=0\\nautorefresh=1\\nmetadata_expire=1\\n' |
  tee /etc/yum.repos.d/lvs.repo >/etc/zypp/repos.d/lvs.repo
rpmdb --initdb
${tools}`;
  await host.run([
    { argv: ["sh", "-c", text], stdin: `${release}\n` },
    {
      argv: ["sh", "-c", "cat >/build/lvs.spec && rpmbuild -bb --quiet --define '_topdir /build' /build/lvs.spec"],
      stdin: spec(),
      timeoutSeconds: 300,
    },
    {
      argv: ["sh", "-c", "mv /build/RPMS/*/*.rpm /repo && createrepo_c -q /repo && rpm -i /repo/less-*.rpm"],
      timeoutSeconds: 300,
    },
  ]);
  return { host, start, end };
}

/** `slow` holds the package manager's lock until the file is there. */
export const goOn = "/run/go-on";
/** There while `slow` is being installed. */
export const slowRuns = "/run/slow-runs";

/** Dummies by name, with what their spec says of them. */
const dummies: Record<string, { head?: string[]; files?: string[]; tail?: string[] }> = {
  less: {},
  ipvsadm: {},
  // A recommendation must not come along.
  keepalived: {
    head: ["Requires: libnl3", "Recommends: net-snmp"],
    files: ["%config(noreplace) /etc/keepalived/keepalived.conf"],
  },
  "net-snmp": {},
  libnl3: {},
  // As real libraries do: what is needed is not the package's name.
  "conntrack-tools": { head: ["Requires: libnfct.so.3()(64bit)"] },
  libnetfilter_conntrack: { head: ["Provides: libnfct.so.3()(64bit)"] },
  "a-package-with-a-name-that-is-longer-than-a-column-of-any-table": { head: ["Requires: libnl3"] },
  "iptables-nft": { head: ["Provides: iptables = 1"] },
  monitoring: { head: ["Requires: libnl3"] },
  manager: { head: ["Requires: keepalived"] },
  slow: {
    tail: [
      "%pre -n slow -p <lua>",
      `io.open("${slowRuns}", "w"):close() while not posix.stat("${goOn}") do posix.sleep(1) end`,
    ],
  },
};

function spec(): string {
  const lines = ["Name: lvs", "Version: 1", "Release: 1", "Summary: dummies", "License: MIT", "BuildArch: noarch"];
  lines.push("%description", "Dummies.", "%install", "mkdir -p %{buildroot}/etc/keepalived");
  lines.push("echo pristine >%{buildroot}/etc/keepalived/keepalived.conf");
  for (const [name, { head = [], files = [], tail = [] }] of Object.entries(dummies)) {
    lines.push(`%package -n ${name}`, "Summary: a dummy", ...head, `%description -n ${name}`, "A dummy.");
    lines.push(...tail, `%files -n ${name}`, ...files);
  }
  return `${lines.join("\n")}\n`;
}
