import { byIptables, rulePackage, sourceRule } from "../firewall/words.js";
import type { Setting } from "../part.js";
import { sortedServices } from "../pool.js";
import type { Forwarding } from "./forwarding.js";
import { forwards } from "./nat.js";

const tracked: Record<string, Setting> = {
  "net.ipv4.vs.conntrack": {
    value: "1",
    why: "Connections of IPVS are tracked, so that their source can be changed to a LIP on the way to the real server.",
  },
};

/**
 * FULLNAT on a mainline kernel: IPVS changes the destination as under NAT, and netfilter the source to one of the LIPs. So
 * the reply comes back to the director over any routed network, and real servers need nothing; they see a LIP as client.
 */
export const fullnat: Forwarding = {
  director: (cluster, director) => ({
    packages: [rulePackage(cluster, director)],
    ...(byIptables(cluster, director) && { modules: ["xt_ipvs"] }),
    sysctls: { ...tracked, ...forwards(cluster.lips?.addresses[0]) },
    rules: sortedServices(cluster).map((service) => sourceRule(cluster, director, service)),
  }),
  realServer: () => ({}),
};
