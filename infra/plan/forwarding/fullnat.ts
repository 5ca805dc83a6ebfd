import { addressOf, type Cluster, type Service } from "../../spec/index.js";
import { ruleWords } from "../keys.js";
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
  director: (cluster) => ({
    packages: ["iptables"],
    modules: ["xt_ipvs"],
    sysctls: { ...tracked, ...forwards(cluster.lips?.addresses[0]) },
    rules: sortedServices(cluster).map((service) => sourceRule(cluster, service)),
  }),
  realServer: () => ({}),
};

/** Only what IPVS has sent for this service gets a LIP (xt_ipvs), whatever else the director forwards. */
function sourceRule(cluster: Cluster, { vip, port, mark, protocol }: Service): string {
  const addresses = (cluster.lips?.addresses ?? []).map(addressOf);
  const [first = "", last = first] = [addresses[0], addresses.at(-1)];
  const { program, host } = ruleWords(vip);
  const onPort = mark === undefined && port !== undefined && port !== 0 ? ` --vport ${port}` : "";
  const range = first === last ? first : `${first}-${last}`;
  const proto = { tcp: 6, udp: 17, sctp: 132 }[protocol];
  return `${program} nat POSTROUTING -m ipvs --vproto ${proto} --vaddr ${host}${onPort} -j SNAT --to-source ${range}`;
}
