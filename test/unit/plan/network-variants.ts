import type { ClusterPlan, HostPlan } from "../../../infra/plan/types.js";
import { planCluster } from "../../../infra/render/index.js";
import { caseOne, changed, checked, type Change } from "../spec/case-1.js";

const both: Record<string, unknown> = {
  "/vips/-": { address: "2001:db8::100/64" },
  "/vips/2": { address: "192.168.184.101/24" },
  "/realServers/0/address6": "2001:db8::12",
  "/realServers/1/address6": "2001:db8::13",
  "/services/-": { vip: "2001:db8::100", port: 80, check: { type: "http" } },
  "/services/2": { vip: "192.168.184.101", port: 80, check: { type: "http" } },
};

/** What a backend must keep, each by the host that shows it. */
export const networkChanges: Record<string, { host: string; change: Change }> = {
  "real server of DR with VIPs of both families and a label": { host: "rs1", change: { set: both } },
  "real server of NAT with its gateway": {
    host: "rs1",
    change: { set: { "/forwarding": "nat", "/dip": { address: "192.168.184.1/24" } } },
  },
  "real server of TUN": { host: "rs1", change: { set: { ...both, "/forwarding": "tun" } } },
  "director with keepalived": { host: "director-a", change: {} },
  "director without keepalived": {
    host: "director-a",
    change: {
      set: { "/services/0": { vip: "192.168.184.100", port: 80, scheduler: "wrr" } },
      unset: ["/vrrp", "/directors/1", "/directors/0/state"],
    },
  },
  "host with further addresses and routes": {
    host: "rs1",
    change: {
      set: {
        "/realServers/0/addresses": [
          { address: "10.9.0.2/24", interface: "ens32", label: "ens32:9" },
          { address: "10.9.1.2/24", interface: "ens32" },
          { address: "2001:db8:9::2/64", interface: "ens32" },
          { address: "2001:db8:9::3/64", interface: "ens32" },
        ],
        "/realServers/0/routes": [
          { to: "default", via: "192.168.184.1", interface: "ens32", metric: 7 },
          { to: "10.8.0.0/24", via: "192.168.184.1", interface: "ens32", metric: 50, src: "10.9.0.2" },
          { to: "10.7.0.1/32", interface: "ens32" },
          { to: "2001:db8:8::/64", via: "2001:db8::1", interface: "ens32" },
          { to: "default", via: "2001:db8::1", interface: "ens32", metric: 20 },
        ],
      },
    },
  },
};

/** The plan of a variant under a backend; without one, as it was before there were backends. */
export function networkPlan(title: string, backend?: string): ClusterPlan {
  const { change } = networkChanges[title]!;
  const set = { ...change.set, ...(backend !== undefined && { "/networkBackend": backend }) };
  return planCluster(checked(changed(caseOne().cluster, { ...change, set })));
}

/** The host of a variant that shows it. */
export function networkHostPlan(title: string, backend: string): HostPlan {
  return networkPlan(title, backend).hosts[networkChanges[title]!.host]!;
}
