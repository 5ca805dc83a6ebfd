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
  nat: { set: { "/forwarding": "nat", "/dip": { address: "192.168.184.1/24" } } },
  "nat on two wires, with ports of their own": {
    set: {
      "/forwarding": "nat",
      "/dip": { address: "10.0.0.1/24", interface: "ens33" },
      "/realServers/0/address": "10.0.0.12",
      "/realServers/1/address": "10.0.0.13",
      "/services/0/realServers": [{ name: "rs1" }, { name: "rs2", port: 8080, weight: 2 }],
    },
  },
  "nat on two wires over unicast": {
    set: {
      "/forwarding": "nat",
      "/vrrp/unicast": true,
      "/dip": { address: "10.0.0.1/24", interface: "ens33" },
      "/realServers/0/address": "10.0.0.12",
      "/realServers/1/address": "10.0.0.13",
    },
  },
  tun: { set: { "/forwarding": "tun", "/realServers/1/address": "10.0.0.13" } },
  "tun over gre": { set: { "/forwarding": "tun", "/tunnel": { type: "gre" } } },
  "tun over gue": { set: { "/forwarding": "tun", "/tunnel": { type: "gue", port: 6081, mss: 1400 } } },
  fullnat: {
    set: {
      "/forwarding": "fullnat",
      "/lips": { addresses: ["192.168.184.200/24", "192.168.184.201/24"] },
      "/realServers/1/address": "10.0.0.13",
    },
  },
  "real servers with methods of their own": {
    set: {
      "/dip": { address: "192.168.184.1/24" },
      "/realServers/0/forwarding": "nat",
      "/realServers/1/forwarding": "tun",
    },
  },
  "no keepalived": {
    set: {
      "/services/0": { vip: "192.168.184.100", port: 80, scheduler: "wrr", persistence: { timeout: 60 } },
      "/services/-": { vip: "192.168.184.100", port: 53, protocol: "udp", onePacket: true, scheduler: "rr" },
      "/realServers/1/weight": 2,
    },
    unset: ["/vrrp", "/directors/1", "/directors/0/state"],
  },
  "a router": { set: { "/routers": [{ name: "router", address: "192.168.184.1", interface: "ens32" }] } },
  "a firewall mark": {
    set: {
      "/services/0": {
        vip: "192.168.184.100",
        mark: 7,
        ports: [80, 443],
        persistence: { timeout: 60 },
        check: { type: "http", port: 80 },
      },
    },
  },
  "all ports of a client": {
    set: {
      "/services/0": {
        vip: "192.168.184.100",
        port: 0,
        persistence: { timeout: 60 },
        check: { type: "tcp", port: 80, warmup: 0 },
      },
    },
  },
  "UDP and SCTP": {
    set: {
      "/services/-": { vip: "192.168.184.100", port: 53, protocol: "udp", onePacket: true, scheduler: "rr" },
      "/services/1/check": { type: "dns", queryType: "A", queryName: "example.com" },
      "/services/2": { vip: "192.168.184.100", port: 5000, protocol: "sctp" },
    },
  },
  "every check": {
    set: Object.fromEntries(
      [
        { type: "http", path: "/x", status: "200-299 301", digest: "9b3a0c85a887a256d6939da88aabd8cd" },
        { type: "https", virtualHost: "www.example.com", port: 8443 },
        { type: "tcp", warmup: 5 },
        { type: "icmp" },
        { type: "udp", payload: "0a1b", reply: "0c" },
        { type: "udp", reply: true },
        { type: "dns" },
        { type: "smtp", heloName: "director.example.com" },
        { type: "script", path: "/usr/bin/true", arguments: ["-a", "b=c"], user: "nobody", dynamic: true },
        { type: "file" },
        { type: "none" },
      ].map((check, index) => [`/services/${index}`, { vip: "192.168.184.100", port: 9000 + index, check }]),
    ),
  },
  "a sorry server, a quorum, alpha mode": {
    set: {
      "/services/0/sorryServer": { address: "192.168.184.99" },
      "/services/0/quorum": 2,
      "/services/0/hysteresis": 1,
      "/services/0/alpha": true,
    },
  },
  "inhibition, and a sorry server by another method": {
    set: {
      "/services/0/inhibitOnFailure": true,
      "/services/0/sorryServer": { address: "192.168.184.99", forwarding: "tun" },
    },
  },
  "all of VRRP": {
    set: {
      "/vrrp/preemptDelay": 5,
      "/directors/0/state": "BACKUP",
      "/vrrp/connectionSync": { syncid: 7 },
      "/vrrp/trackInterfaces": ["ens33"],
      "/vrrp/trackScripts": [
        { name: "chk_a", path: "/usr/bin/true", arguments: ["x"], user: "nobody", weight: -10, interval: 2 },
      ],
      "/vrrp/virtualRoutes": [{ to: "10.9.0.0/24", via: "192.168.184.1", src: "192.168.184.100" }],
      "/vrrp/garp": { masterDelay: 5, masterRepeat: 3, masterRefresh: 30, masterRefreshRepeat: 2 },
    },
  },
  "two instances, each director master of one": {
    set: {
      "/vips/-": { address: "192.168.184.101/24", instance: "VI_2" },
      "/vrrp/instances": [{ name: "VI_2", virtualRouterId: 52, priorities: { "director-b": 150 } }],
      "/services/-": { vip: "192.168.184.101", port: 80 },
    },
  },
  "IPv6 beside IPv4": {
    set: {
      "/vips/-": { address: "2001:db8::100/64" },
      "/realServers/0/address6": "2001:db8::12",
      "/realServers/1/address6": "2001:db8::13",
      "/services/-": {
        vip: "2001:db8::100",
        port: 80,
        check: { type: "http" },
        persistence: { timeout: 60, granularity: 64 },
      },
      "/services/2": { vip: "2001:db8::100", mark: 8, ports: [81, 82], check: { type: "icmp" } },
    },
  },
  "IPv6 only": {
    set: {
      "/vips/0": { address: "2001:db8::100/64" },
      "/directors/0/address": "2001:db8::a",
      "/directors/1/address": "2001:db8::b",
      "/realServers/0/address": "2001:db8::12",
      "/realServers/1/address": "2001:db8::13",
      "/services/0/vip": "2001:db8::100",
    },
  },
  "real servers that only a dot tells apart, taken out by files": {
    set: {
      "/realServers/0/name": "rs.1",
      "/realServers/1/name": "rs-1",
      "/services/0/check": { type: "file" },
    },
  },
  "hosts that filter by iptables": {
    set: {
      "/firewall": { allow: true },
      "/forwarding": "nat",
      "/dip": { address: "10.0.0.1/24", interface: "ens33" },
      "/realServers/0/address": "10.0.0.12",
      "/realServers/1/address": "10.0.0.13",
      "/directors/1/firewall": { allow: false },
      "/vrrp/nopreempt": true,
      "/vrrp/connectionSync": {},
      "/services/0/realServers": [{ name: "rs1" }, { name: "rs2", port: 8080 }],
      "/services/-": { vip: "192.168.184.100", mark: 7, ports: [81, 82], check: { type: "icmp" } },
    },
    unset: ["/directors/0/state"],
  },
  "hosts that filter by nftables, over a tunnel": {
    set: {
      "/firewall": { backend: "nftables", allow: true },
      "/forwarding": "tun",
      "/tunnel": { type: "gue" },
      "/vrrp/unicast": true,
      "/services/-": { vip: "192.168.184.100", mark: 7, ports: [81, 82], check: { type: "dns", port: 53 } },
    },
  },
  "fullnat by nftables": {
    set: {
      "/firewall": { backend: "nftables" },
      "/forwarding": "fullnat",
      "/lips": { addresses: ["192.168.184.200/24", "192.168.184.201/24"] },
    },
  },
  "hosts that filter by firewalld": {
    set: {
      "/firewall": { backend: "firewalld", allow: true },
      "/vips/-": { address: "2001:db8::100/64" },
      "/realServers/0/address6": "2001:db8::12",
      "/realServers/1/address6": "2001:db8::13",
      "/services/-": { vip: "2001:db8::100", port: 80 },
      "/routers": [{ name: "router", address: "192.168.184.1", interface: "ens32" }],
    },
  },
  "metrics of directors": { set: { "/metrics": { port: 9101 } } },
  "metrics of directors everywhere": { set: { "/metrics": { everywhere: true } } },
  "buckets and reuse": { set: { "/ipvs": { connTabBits: 16, connReuseMode: 1 } } },
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
