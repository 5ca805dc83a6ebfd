import type { Machine } from "./machine.js";

/** Paths that change by themselves or by any use of the package manager, each with its reason. */
const VOLATILE = [
  "/var/lib/apt", // extended_states and lists are rewritten by every apt run
  "/var/lib/dpkg", // status and triggers; packages are compared by dpkg-query
  "/var/cache", // caches
  "/var/log", // logs
  "/var/tmp",
  "/var/lib/systemd/random-seed", // rewritten at every boot
  "/var/lib/systemd/timers",
  "/var/lib/systemd/timesync",
  "/var/lib/NetworkManager", // its own memory: when a connection came up, what radio it has seen
  "*/__pycache__", // what Python makes of any program when it first runs
  "/etc/ld.so.cache", // rebuilt by ldconfig: its bytes depend on the order of inodes
];

/** Parameters that move by themselves: counters, and what the kernel computes at each boot from the memory that is free then. */
const SYSCTLS_VOLATILE = [
  "dev\\.",
  "fs\\.(dentry-state|file-nr|file-max|inode|quota|aio|epoll)",
  "kernel\\.(random|ns_last_pid|pty\\.nr|threads-max|tainted|sched)",
  "net\\.ipv4\\.(inet_peer_threshold|tcp_mem|tcp_rmem|tcp_wmem|udp_mem|tcp_ehash_entries|tcp_max_orphans|tcp_max_tw_buckets)",
  "net\\.netfilter\\.nf_conntrack_count",
  "user\\.max_",
  "vm\\.(stat|admin_reserve_kbytes|min_free_kbytes|user_reserve_kbytes)",
];

const SCRIPT = `
echo "== files"
find /boot /etc /usr /var /root /opt /home /srv -xdev ${VOLATILE.map((path) => `-path '${path}' -prune -o`).join(" ")} \\( -type f -o -type l -o -type d \\) \\( -type f -printf '%p %m %u %g %s\\n' -o -printf '%p %y %m %u %g %l\\n' \\) | sort
echo "== contents"
find /etc /var /root /opt /home /srv /usr/local -xdev ${VOLATILE.map((path) => `-path '${path}' -prune -o`).join(" ")} -type f -print0 | sort -z | xargs -0 sha256sum
echo "== sysctls"
sysctl -a 2>/dev/null | grep -vE '^(${SYSCTLS_VOLATILE.join("|")})' | sort
echo "== addresses"
# ::1 has another flag when a script has switched lo on than when systemd has, and nobody else sees it.
ip -o address show | sed 's/ *valid_lft.*//; s|::1/128 scope host noprefixroute|::1/128 scope host|' | sort
echo "== routes"
ip route show table all | sort; ip -6 route show table all | sort
echo "== packages"
dpkg-query -W -f='\${Package} \${Version} \${db:Status-Status}\\n' | sort
echo "== units"
# Without an answer there is no snapshot; a busy guest's systemd may take longer for one than the usual 25 s.
export SYSTEMD_BUS_TIMEOUT=300
files=$(systemctl list-unit-files --no-legend --no-pager) && units=$(systemctl list-units --no-legend --no-pager --plain --type=service,timer,socket --state=active) || exit 1
printf '%s\\n' "$files" | awk '$1 !~ /^session-[0-9]+\\.scope$/ {print $1, $2}' | sort
printf '%s\\n' "$units" | awk '{print $1}' | grep -vE '^(ssh@|user@|user-runtime|session|systemd-(tmpfiles|timedate|hostname)|apt-|dpkg-)' | sort
echo "== modules"
# Without the CPU's own way to compute what libcrc32c is asked for: the kernel picks it, and keeps it.
lsmod | awk '!/_diag / && !/^crc32c_/ && NR > 1 {print $1}' | sort
echo "== ipvs"
# Without the numbers of connections.
[ ! -e /proc/net/ip_vs ] || awk '$1 == "->" {print $1, $2, $3, $4; next} {print}' /proc/net/ip_vs
echo "== rules"
for family in ip ip6; do
  for table in $(cat "/proc/net/$family"_tables_names 2>/dev/null | sort); do
    echo "$family $table"; "$family"tables -t $table -S
  done
done
# Rules of iptables-nft and nftables, where the kernel has them already: asking for them loads their module. Without counters.
if [ -e /sys/module/nf_tables ]; then nft -s list ruleset; fi
`;

/** Everything about a host that a destroy has to put back, as lines by section. */
export type Snapshot = Record<string, string[]>;

/** By the hosts' names. */
export type Snapshots = Record<string, Snapshot>;

/** The snapshot of a host as it is now. */
export async function snapshot(machine: Machine): Promise<Snapshot> {
  const sections: Snapshot = {};
  let current: string[] = [];
  for (const line of (await machine.succeed(SCRIPT)).split("\n")) {
    const title = /^== (.*)$/.exec(line)?.[1];
    if (title) sections[title] = current = [];
    else if (line !== "") current.push(line);
  }
  return sections;
}

/** The snapshots of hosts as they are now; `take`: one that has more than {@link snapshot}. */
export async function snapshots(hosts: readonly Machine[], take = snapshot): Promise<Snapshots> {
  return Object.fromEntries(await Promise.all(hosts.map(async (host) => [host.name, await take(host)] as const)));
}

/** Our own notes of what was found, which come and go with the resources of a host. */
const NOTES = "/var/lib/pulumi-lvs";

/** The lines by which hosts differ between two times, apart from our own notes on demand; empty when they are equal. */
export function differences(before: Snapshots, after: Snapshots, { notes = true } = {}): string[] {
  const counts = (line: string) => notes || !line.includes(NOTES);
  return Object.keys(after).flatMap((host) => {
    const was = before[host];
    if (was === undefined) throw new Error(`${host}: no snapshot from before`);
    return Object.keys(was).flatMap((section) => {
      const old = new Set(was[section]?.filter(counts));
      const now = new Set(after[host]?.[section]?.filter(counts));
      return [
        ...[...old].filter((line) => !now.has(line)).map((line) => `${host}: ${section}: - ${line}`),
        ...[...now].filter((line) => !old.has(line)).map((line) => `${host}: ${section}: + ${line}`),
      ];
    });
  });
}
