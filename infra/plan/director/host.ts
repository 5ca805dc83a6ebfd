import type { Cluster, Director } from "../../spec/index.js";
import { interfaceSysctl } from "../keys.js";
import { template, type HostPart } from "../part.js";
import { directorVips, sortedVips, vipInterface } from "../vips.js";

const unitFile = "/etc/systemd/system/lvs-vip-guard.service";
const guard = "/usr/local/sbin/lvs-vip-guard";

/**
 * What a director is, whatever the forwarding method: keepalived, IPVS, and what takes the VIPs away from a keepalived that
 * was killed. keepalived.service itself belongs to what the director serves: it can only run with its configuration.
 */
export function directorPart(cluster: Cluster, director: Director): HostPart {
  const context = { cluster: cluster.name };
  const interfaces = [...new Set(sortedVips(cluster).map((vip) => vipInterface(vip, director)))];
  return {
    packages: ["ipvsadm", "keepalived"],
    modules: ["ip_vs", ...new Set(cluster.services.map(({ scheduler }) => `ip_vs_${scheduler}`))],
    sysctls: {
      "net.ipv4.vs.expire_nodest_conn": {
        value: "1",
        why: "A connection whose real server left the pool is dropped at its next packet, so that the client may connect anew at once.",
      },
      ...Object.fromEntries(
        interfaces.map((name) => [
          interfaceSysctl(name, "promote_secondaries"),
          { value: "1", why: "A VIP that is removed must not take the host's own address of the same subnet along." },
        ]),
      ),
    },
    files: {
      "/etc/pulumi-lvs/vips": template("0644", { ...context, vips: directorVips(cluster, director) }),
      "/etc/systemd/system/keepalived.service.d/pulumi-lvs.conf": template("0644", context),
      [unitFile]: template("0644", context),
      [guard]: template("0755", context),
      "/usr/local/sbin/lvs-vip-sweep": template("0755", context),
    },
    units: { "lvs-vip-guard.service": { enabled: true, active: true, restartOn: [unitFile, guard] } },
  };
}
