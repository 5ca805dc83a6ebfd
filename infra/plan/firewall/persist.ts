import type { Firewall } from "../../spec/index.js";
import { template, type FileDraft, type HostPart } from "../part.js";

/** Services whose start, stop or reload takes every rule of a host away, also those of others. iptables' may be nf_tables'. */
const takers: Readonly<Record<Firewall["backend"], readonly string[]>> = {
  iptables: ["iptables.service", "ip6tables.service", "nftables.service"],
  nftables: ["nftables.service"],
  firewalld: ["nftables.service"],
};

const plugin = "usr/share/netfilter-persistent/plugins.d/90-pulumi-lvs";

/**
 * What brings rules back at boot, and whenever the host's own firewall was started, stopped or loaded again: a unit that sets
 * what is missing when it is reloaded, and what has it reloaded.
 */
export function keepRules(
  cluster: string,
  backend: Firewall["backend"],
  rules: readonly string[],
  suffix: "" | "-proxy",
): Required<Pick<HostPart, "files" | "units">> {
  // firewalld keeps its own.
  const ours = rules.filter((rule) => !rule.startsWith("firewalld "));
  if (ours.length === 0) return { files: {}, units: {} };
  const unit = `lvs-rules${suffix}.service`;
  const word = backend === "iptables" ? "iptables" : "nft";
  const [list, program] = [`/etc/pulumi-lvs/${word}-rules${suffix}`, `/usr/local/sbin/lvs-${word}-rules${suffix}`];
  return {
    files: {
      [`/etc/systemd/system/${unit}`]: {
        template: "etc/systemd/system/lvs-rules-kept.service",
        ...template("0644", { cluster, takers: takers[backend], list, program }),
      },
      ...Object.fromEntries(
        takers[backend].map((taker): [string, FileDraft] => [
          `/etc/systemd/system/${taker}.d/pulumi-lvs${suffix}.conf`,
          { template: "etc/systemd/system/firewall.service.d/pulumi-lvs.conf", ...template("0644", { cluster, unit }) },
        ]),
      ),
      [list]: { template: "etc/pulumi-lvs/rules", ...template("0644", { cluster, rules: ours }) },
      // The host's chains, and what is in them already, are known to the host alone.
      [program]: { template: `usr/local/sbin/lvs-${word}-rules`, ...template("0755", { cluster }) },
      // `netfilter-persistent reload` is none of systemd's business; it runs what stands in this folder, in order.
      ...(backend === "iptables" && {
        [`/${plugin}${suffix}`]: { template: plugin, ...template("0755", { cluster, unit }) },
      }),
    },
    units: { [unit]: { enabled: true, active: true } },
  };
}
