import { z } from "zod";
import { note } from "./note.js";

/** What keeps the rules of a host, and whether its own firewall is to let the cluster through. */
export const firewall = z.strictObject({
  backend: z
    .enum(["iptables", "nftables", "firewalld"])
    .optional()
    .meta(
      note(
        "By what the host's own firewall is set up. Our rules are kept beside it, and come back when it is started, stopped or loaded again.",
        {
          becomes: "rules of `iptables`; the tables `ip pulumi_lvs` and `ip6 pulumi_lvs`; policies of firewalld",
          unset: "on a host the cluster's, else `iptables`",
        },
      ),
    ),
  allow: z
    .boolean()
    .optional()
    .meta(
      note(
        "`true`: the host's firewall lets through [what the cluster needs](firewall.md#what-passes) on this host, and nothing else.",
        { becomes: "`-j ACCEPT`, `accept`, a rich rule", unset: "on a host the cluster's, else `false`" },
      ),
    ),
});

/** How firewall rules of a host are kept. */
export interface Firewall {
  backend: "iptables" | "nftables" | "firewalld";
  allow: boolean;
}

type Given = z.infer<typeof firewall> | undefined;

/** A host's firewall, what it leaves out being the cluster's; undefined where neither says anything. */
export function firewallOf(cluster: { firewall?: Given }, host: { firewall?: Given }): Firewall | undefined {
  if (cluster.firewall === undefined && host.firewall === undefined) return undefined;
  return {
    backend: host.firewall?.backend ?? cluster.firewall?.backend ?? "iptables",
    allow: host.firewall?.allow ?? cluster.firewall?.allow ?? false,
  };
}
