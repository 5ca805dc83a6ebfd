import type { Machine } from "./machine.js";

const drops = `*mangle
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A FORWARD -m conntrack --ctstate INVALID -j DROP
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A OUTPUT -o lo -j ACCEPT
-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
`;
const open = drops.replaceAll(" DROP [0:0]", " ACCEPT [0:0]").replace(/^-A .*\n/gm, "");

// As the package iptables-services has it.
const unit = `[Unit]
Description=The host's own firewall
Wants=network-pre.target
Before=network-pre.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/iptables-restore /etc/host-firewall
ExecReload=/usr/sbin/iptables-restore /etc/host-firewall
ExecStop=/usr/sbin/iptables-restore /etc/host-firewall.open
[Install]
WantedBy=multi-user.target
`;

/** Gives a host a firewall of its own, as somebody sets it up who thinks of SSH only: all else is dropped, also on its way out. */
export async function ownFirewall(machine: Machine): Promise<void> {
  const install = "DEBIAN_FRONTEND=noninteractive apt-get -qq install -y iptables >/dev/null 2>&1";
  await machine.succeed(`apt-get -qq update >/dev/null 2>&1; ${install}`);
  for (const [path, text] of [
    ["/etc/host-firewall", drops],
    ["/etc/host-firewall.open", open],
    ["/etc/systemd/system/iptables.service", unit],
  ] as const) {
    const { code, stderr } = await machine.run(`cat >${path}`, text);
    if (code !== 0) throw new Error(`${machine.name}: writing ${path}: ${stderr}`);
  }
  await machine.succeed("systemctl daemon-reload && systemctl enable --quiet --now iptables.service");
}

/** The rules that a host has besides those of its own firewall. */
export async function furtherRules(machine: Machine): Promise<string[]> {
  const tables = "for table in mangle nat filter; do iptables -t $table -S; done";
  const own = new Set(drops.split("\n"));
  return (await machine.succeed(tables))
    .split("\n")
    .filter((line) => line.startsWith("-A ") && !own.has(line))
    .sort();
}
