import { familyOf, type Cluster, type Director } from "../../spec/index.js";
import { markRule, rulePackage } from "../firewall/words.js";
import { addressKey, interfaceSysctl } from "../keys.js";
import { template, type HostPart, type Setting } from "../part.js";
import { sortedServices } from "../pool.js";
import { floatingAddresses, floatingKeys } from "../vips.js";

const unitFile = "/etc/systemd/system/lvs-vip-guard.service";
const guard = "/usr/local/sbin/lvs-vip-guard";

/**
 * What a director is, whatever the forwarding method: IPVS, and what takes the VIPs away from a keepalived that was killed.
 * keepalived.service itself belongs to what the director serves: it can only run with its configuration.
 */
export function directorPart(cluster: Cluster, director: Director): HostPart {
  const context = { cluster: cluster.name };
  const { connTabBits } = cluster.ipvs;
  const marked = sortedServices(cluster).filter(({ mark }) => mark !== undefined);
  return {
    packages: ["ipvsadm", ...(marked.length > 0 ? [rulePackage(cluster, director)] : [])],
    modules: ["ip_vs", ...new Set(cluster.services.map(({ scheduler }) => `ip_vs_${scheduler}`))],
    sysctls: sysctls(cluster),
    rules: marked.map((service) => markRule(cluster, director, service)),
    ...(connTabBits !== undefined && {
      files: { "/etc/modprobe.d/pulumi-lvs.conf": template("0644", { ...context, connTabBits }) },
    }),
    ...(cluster.vrrp === undefined && { addresses: ownAddresses(cluster, director) }),
  };
}

/** What a host needs to speak VRRP for VIPs, whatever it serves on them. */
export function vrrpPart(cluster: Cluster, director: Director): HostPart {
  if (cluster.vrrp === undefined) return {};
  const context = { cluster: cluster.name };
  const four = floatingAddresses(cluster, director).filter(({ address }) => familyOf(address) === 4);
  const floating = [...new Set(floatingAddresses(cluster, director).map(({ dev }) => dev))].sort();
  const why = "A VIP that is removed must not take the host's own address of the same subnet along.";
  return {
    packages: ["keepalived"],
    floating,
    sysctls: Object.fromEntries(
      [...new Set(four.map(({ dev }) => dev))].map((name) => [
        interfaceSysctl(name, "promote_secondaries"),
        { value: "1", why },
      ]),
    ),
    files: {
      "/etc/pulumi-lvs/vips": template("0644", { ...context, vips: floatingKeys(cluster, director) }),
      "/etc/systemd/system/keepalived.service.d/pulumi-lvs.conf": template("0644", context),
      [unitFile]: template("0644", context),
      [guard]: template("0755", context),
      "/usr/local/sbin/lvs-vip-sweep": template("0755", context),
    },
    units: { "lvs-vip-guard.service": { enabled: true, active: true, restartOn: [unitFile, guard] } },
  };
}

function sysctls(cluster: Cluster): Record<string, Setting> {
  const { connReuseMode } = cluster.ipvs;
  return {
    "net.ipv4.vs.expire_nodest_conn": {
      value: "1",
      why: "A connection whose real server left the pool is dropped at its next packet, so that the client may connect anew at once.",
    },
    ...(cluster.services.some(({ persistence }) => persistence !== undefined) && {
      "net.ipv4.vs.expire_quiescent_template": {
        value: "1",
        why: "A client that is kept on a real server is given another one when that one has weight 0.",
      },
    }),
    ...(connReuseMode !== undefined && {
      "net.ipv4.vs.conn_reuse_mode": { value: String(connReuseMode), why: "Set in the stack file." },
    }),
  };
}

/** A single director without VRRP has VIPs and DIP like any other address. */
function ownAddresses(cluster: Cluster, director: Director): HostPart["addresses"] {
  return Object.fromEntries(
    floatingAddresses(cluster, director).map(({ dev, address, label }) => [
      addressKey(dev, address),
      label === undefined ? {} : { label },
    ]),
  );
}
