import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A firewall as a host may have it, that drops all but SSH and what is known. */
export interface OwnFirewall {
  /** Sets it, and takes all rules of others away: as its reload does. */
  load: string;
  /** What all tables hold. */
  show: string;
  /** How many packets of VRRP it has dropped. */
  dropped: string;
}

const nft = `flush ruleset
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    ct state invalid drop
    ct state established,related accept
    tcp dport 22 accept
    meta l4proto 112 counter drop comment "vrrp"
  }
  chain forward { type filter hook forward priority filter; policy drop; }
  chain output { type filter hook output priority filter; policy accept; }
}
`;

const iptables = `*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p 112 -j DROP
COMMIT
`;

/** Files of a test's own. */
export class Files {
  readonly folder = mkdtempSync(join(tmpdir(), "lvs-rules-"));

  write(name: string, text: string, mode = 0o644): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** The firewall of a kind; both iptables are `iptables` to a host that has them. */
export function ownFirewall(kind: "nftables" | "iptables", files: Files): OwnFirewall {
  return kind === "nftables"
    ? {
        load: `nft -f ${files.write("nftables.conf", nft)}`,
        show: "nft list ruleset | sed 's/packets [0-9]* bytes [0-9]*//'",
        dropped: "nft list chain inet filter input | sed -n 's/.*counter packets \\([0-9]*\\) .*/\\1/p'",
      }
    : {
        load: `iptables-restore ${files.write("rules.v4", iptables)}`,
        show: "for table in nat mangle filter; do iptables -t $table -S; done",
        dropped: `iptables -nvxL INPUT | awk '$3 == "DROP" && / 112 / { print $1 }'`,
      };
}
