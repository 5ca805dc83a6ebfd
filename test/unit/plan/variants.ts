import type { Cluster } from "../../../infra/spec/index.js";
import { caseOne, changed, checked, type Change } from "../spec/case-1.js";

const changes: Record<string, Change> = {
  "case 1": {},
  "no password, no label": { unset: ["/vrrp/authPass", "/vips/0/label"] },
  "a password of every allowed kind of character": { set: { "/vrrp/authPass": "a~;=%&@*" } },
  unicast: { set: { "/vrrp/unicast": true } },
  nopreempt: { set: { "/vrrp/nopreempt": true }, unset: ["/directors/0/state"] },
  "a preemption delay": { set: { "/vrrp/preemptDelay": 30, "/directors/0/state": "BACKUP" } },
  "a single director": { unset: ["/directors/1"] },
  "TCP checks": { set: { "/services/0/check": { type: "tcp" } } },
  "a virtual host and a long path": {
    set: {
      "/services/0/check": {
        type: "http",
        path: "/a/b-c_d.e?f=g,h&i=%20+@:",
        status: 204,
        virtualHost: "www.example.com",
      },
    },
  },
  "two VIPs, the second without network": {
    set: {
      "/vips/-": { address: "203.0.113.7/32" },
      "/services/-": { vip: "203.0.113.7", port: 443, scheduler: "sh", schedulerFlags: ["sh-port", "sh-fallback"] },
    },
  },
  "persistence with granularity": {
    set: { "/services/0/persistence": { timeout: 300, granularity: "255.255.255.0" }, "/services/0/scheduler": "mh" },
  },
  "a service with a drained real server": {
    set: {
      "/services/-": { vip: "192.168.184.100", port: 25, realServers: [{ name: "rs1" }, { name: "rs2", weight: 0 }] },
    },
  },
  "every scheduler": {
    set: Object.fromEntries(
      ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "twos"].map(
        (scheduler, index) => [`/services/${index}`, { vip: "192.168.184.100", port: 8000 + index, scheduler }],
      ),
    ),
  },
  "further things on hosts": {
    set: {
      "/realServers/0/routes": [
        { to: "10.0.0.0/24", via: "192.168.184.1", metric: 50 },
        { to: "default", interface: "ens32" },
      ],
      "/realServers/0/addresses": [{ address: "10.9.0.2/24", interface: "ens32", label: "ens32:9" }],
      "/realServers/0/sysctls": { "vm.swappiness": 1 },
      "/realServers/0/modules": ["dummy"],
      "/directors/0/sysctls": { "net.ipv4.vs.expire_nodest_conn": 0 },
      "/directors/0/files": { "/etc/motd": { content: "director\n", mode: "0640", group: "adm" } },
      "/directors/0/packages": ["tcpdump"],
    },
  },
};

/** Checked clusters, one for each thing that a configuration can hold. */
export function variants(): [string, Cluster][] {
  return Object.entries(changes).map(([title, change]) => [title, checked(changed(caseOne().cluster, change))]);
}

/** A variant by its title. */
export function variant(title: string): Cluster {
  const found = variants().find(([name]) => name === title);
  if (found === undefined) throw new Error(`no variant ${title}`);
  return found[1];
}
