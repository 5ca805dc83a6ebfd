import { natural, type Cluster, type Director } from "../../spec/index.js";
import { template, type FileDraft } from "../part.js";
import { tableOf } from "../table.js";
import type { DirectorPlan } from "../types.js";
import { slowestCheck, startSeconds } from "../timing.js";
import { floatingKeys } from "../vips.js";
import { keepalivedFile } from "./keepalived.js";

/** What a director serves, and who fills the kernel's table. */
export function directorPlan(cluster: Cluster, director: Director): DirectorPlan<FileDraft> {
  const { vrrp } = cluster;
  const table = tableOf(cluster);
  const change = {
    names: namesOf(cluster),
    drainSeconds: cluster.drainTimeout,
    checkSeconds: slowestCheck(cluster) + startSeconds,
  };
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
      change,
    };
  }
  return {
    daemon: "keepalived",
    files: { "/etc/keepalived/keepalived.conf": keepalivedFile(cluster, vrrp, director) },
    table,
    vips: floatingKeys(cluster, director),
    change,
  };
}

function namesOf({ realServers }: Cluster): Record<string, string> {
  const named = realServers.flatMap(({ name, address, address6 }) =>
    [address, address6].flatMap((each): [string, string][] => (each === undefined ? [] : [[each, name]])),
  );
  return Object.fromEntries(named.sort(([a], [b]) => natural(a, b)));
}
