import { addressOf, firewallOf, type Cluster, type Firewall, type HostSpec, type Service } from "../../spec/index.js";
import { ruleWords } from "../keys.js";
import { nftFamily, ownRule, setOf } from "./nftables.js";

/** True where rules are iptables': those of a host that says nothing of its firewall are. */
export function byIptables(cluster: { firewall?: Cluster["firewall"] }, host: HostSpec): boolean {
  const firewall: Firewall | undefined = firewallOf(cluster, host);
  return firewall === undefined || firewall.backend === "iptables";
}

/** Packets to the ports of a service that goes by a mark get it before IPVS looks at them. */
export function markRule(cluster: Cluster, host: HostSpec, { vip, protocol, ports = [], mark }: Service): string {
  if (!byIptables(cluster, host)) {
    const family = nftFamily(vip);
    const statement = `${family} daddr ${vip} ${protocol} dport ${setOf(ports)} meta mark set ${mark}`;
    return ownRule(cluster.name, family, "prerouting", statement);
  }
  const { program, host: single } = ruleWords(vip);
  const match = `-d ${single} -p ${protocol} -m multiport --dports ${ports.join(",")}`;
  return `${program} mangle PREROUTING ${match} -j MARK --set-mark ${mark}`;
}

/**
 * Only what IPVS has sent for this service gets a LIP, whatever else the director forwards. iptables knows it by xt_ipvs, which
 * nft has not: there it is the connection that was to the VIP, and leaves for somewhere else.
 */
export function sourceRule(cluster: Cluster, host: HostSpec, { vip, port, mark, protocol }: Service): string {
  const addresses = (cluster.lips?.addresses ?? []).map(addressOf);
  const [first = "", last = first] = [addresses[0], addresses.at(-1)];
  const range = first === last ? first : `${first}-${last}`;
  const one = mark === undefined && port !== undefined && port !== 0 ? port : undefined;
  if (!byIptables(cluster, host)) {
    const family = nftFamily(vip);
    const original = `ct original ${family} daddr ${vip} meta l4proto ${protocol}`;
    const statement = `${original}${one === undefined ? "" : ` ct original proto-dst ${one}`} snat to ${range}`;
    return ownRule(cluster.name, family, "postrouting", statement);
  }
  const { program, host: single } = ruleWords(vip);
  const onPort = one === undefined ? "" : ` --vport ${one}`;
  const proto = { tcp: 6, udp: 17, sctp: 132 }[protocol];
  return `${program} nat POSTROUTING -m ipvs --vproto ${proto} --vaddr ${single}${onPort} -j SNAT --to-source ${range}`;
}

/** The client is told in the first answer to send segments of at most `mss` bytes. */
export function clampRule(cluster: Cluster, host: HostSpec, vip: string, mss: number): string {
  if (!byIptables(cluster, host)) {
    const family = nftFamily(vip);
    const statement = `${family} saddr ${vip} tcp flags syn / syn,rst tcp option maxseg size set ${mss}`;
    return ownRule(cluster.name, family, "output", statement);
  }
  const { program, host: single } = ruleWords(vip);
  return `${program} mangle OUTPUT -s ${single} -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss ${mss}`;
}

/** The package that brings the program of a host's rules. */
export function rulePackage(cluster: Cluster, host: HostSpec): "iptables" | "nftables" {
  return byIptables(cluster, host) ? "iptables" : "nftables";
}
