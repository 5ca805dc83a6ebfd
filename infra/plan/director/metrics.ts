import { familyOf, type Cluster, type Director } from "../../spec/index.js";
import { template, type HostPart } from "../part.js";

const settings = "/etc/default/prometheus-node-exporter";
const dropIn = "/etc/systemd/system/prometheus-node-exporter.service.d/pulumi-lvs.conf";

/** What tells a Prometheus of a director, where that is wanted: the distribution's node exporter. */
export function metricsPart({ name, metrics }: Cluster, director: Director): HostPart {
  if (metrics === undefined) return {};
  const { port, everywhere } = metrics;
  const address = familyOf(director.address) === 6 ? `[${director.address}]` : director.address;
  const context = { cluster: name, listen: `${everywhere ? "" : address}:${port}` };
  return {
    packages: ["prometheus-node-exporter"],
    files: { [settings]: template("0644", context), [dropIn]: template("0644", context) },
    units: { "prometheus-node-exporter.service": { enabled: true, active: true, restartOn: [settings, dropIn] } },
  };
}
