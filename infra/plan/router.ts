import { firewallPart } from "./firewall/part.js";
import type { Pass } from "./firewall/pass.js";
import { routerPasses } from "./firewall/roles.js";
import { hostPlan } from "./host.js";
import type { Cluster, Router } from "../spec/index.js";
import type { FileDraft } from "./part.js";
import type { HostPlan } from "./types.js";

const why = "This host is a router.";

/** A router between the networks of a cluster. Replies of real servers may take another way than requests: no strict rp_filter. */
export function routerPlan(
  cluster: Cluster,
  router: Router,
  passes: () => Pass[] = () => routerPasses(cluster),
): HostPlan<FileDraft> {
  const loose = "Replies come with the VIP as their source from where this host would not send it.";
  return hostPlan(cluster, router, [
    {
      sysctls: {
        "net.ipv4.ip_forward": { value: "1", why },
        "net.ipv6.conf.all.forwarding": { value: "1", why },
        "net.ipv4.conf.all.rp_filter": { value: "2", why: loose },
      },
    },
    firewallPart(cluster, router, passes),
  ]);
}
