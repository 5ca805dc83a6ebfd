import type { Cluster, Director } from "../../spec/index.js";
import { template, type FileDraft } from "../part.js";
import { tableOf } from "../table.js";
import type { DirectorPlan } from "../types.js";
import { floatingKeys } from "../vips.js";
import { keepalivedFile } from "./keepalived.js";

/** What a director serves, and who fills the kernel's table. */
export function directorPlan(cluster: Cluster, director: Director): DirectorPlan<FileDraft> {
  const { vrrp } = cluster;
  const table = tableOf(cluster);
  if (vrrp === undefined) {
    const context = { cluster: cluster.name };
    return {
      daemon: "ipvsadm",
      files: {
        "/usr/local/sbin/lvs-table": template("0755", context),
        "/etc/systemd/system/lvs-table.service": template("0644", context),
      },
      table,
      vips: [],
    };
  }
  return {
    daemon: "keepalived",
    files: { "/etc/keepalived/keepalived.conf": keepalivedFile(cluster, vrrp, director) },
    table,
    vips: floatingKeys(cluster, director),
  };
}
