import { firewallOf, type Cluster, type HostSpec } from "../../spec/index.js";
import type { HostPart } from "../part.js";
import { firewalldPart } from "./firewalld.js";
import { iptablesRule } from "./iptables.js";
import { nftPass } from "./nftables.js";
import type { Pass } from "./pass.js";

/** What a host's firewall is to let through, where the user wants that, and how its rules are kept. */
export function firewallPart(
  cluster: Pick<Cluster, "name" | "firewall">,
  host: HostSpec,
  passes: () => readonly Pass[],
  suffix: "" | "-proxy" = "",
): HostPart {
  const firewall = firewallOf(cluster, host);
  if (firewall === undefined) return {};
  const { backend, allow } = firewall;
  if (!allow) return { firewall: backend };
  if (backend === "firewalld") return { firewall: backend, ...firewalldPart(cluster.name, passes(), suffix) };
  const word = backend === "iptables" ? iptablesRule : nftPass;
  return {
    firewall: backend,
    packages: [backend],
    rules: [...new Set(passes().map((pass) => word(cluster.name, pass)))],
  };
}
