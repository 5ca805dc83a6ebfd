import { z } from "zod";
import { firewall } from "./firewall.js";
import { host, networkChoices } from "./host.js";
import { note } from "./note.js";
import { say } from "./problem.js";
import { method, service } from "./service.js";
import { vip, vrrp } from "./vrrp.js";
import { hostCidr, hostName, interfaceName, label, port, whole } from "./words.js";

/** A director: takes the clients' requests and gives them to real servers. */
export const director = z.strictObject({
  ...host.shape,
  state: z
    .enum(["MASTER", "BACKUP"])
    .optional()
    .meta(
      note(
        "Initial VRRP state. One director is MASTER, the one of the highest priority; none with `nopreempt` or `preemptDelay`. Not without `vrrp`.",
        { becomes: "`state`", unset: "as said" },
      ),
    ),
  priority: whole(1, 254)
    .default(100)
    .meta(
      note("VRRP priority, different on each director; the highest one alive holds the VIPs.", {
        becomes: "`priority`",
      }),
    ),
});

/** A real server: answers the clients. */
export const realServer = z.strictObject({
  ...host.shape,
  weight: whole(0, 65535)
    .default(1)
    .meta(
      note("Share of the connections for weighted schedulers; 0 takes no new ones.", {
        becomes: "`weight`, `ipvsadm -w`; nginx: `weight`, 0 is `down`; haproxy: `weight`",
      }),
    ),
  drain: z
    .boolean()
    .default(false)
    .meta(
      note(
        "`true`: takes no new connections; when those that it has have ended it [leaves the pool](changes.md#draining), and stays set up.",
        { becomes: "its place in `real_server`; nginx and haproxy: its `server`" },
      ),
    ),
  forwarding: method.optional().meta(
    note("How directors send to this one. Not under `fullnat`, which changes the source of every connection.", {
      becomes: "`lvs_method` of the real server",
      unset: "the cluster's",
    }),
  ),
});

/** A router between the directors, the real servers or the clients, where the toolkit is to set one up. */
export const router = z.strictObject(host.shape);

/** NAT: the directors' address towards the real servers, which is their default gateway. */
export const dip = z.strictObject({
  address: hostCidr.meta(
    note(
      "DIP with its prefix length. Real servers reached by `nat` are in its network. It moves with the VIPs of the first instance.",
      { becomes: "`virtual_ipaddress`; `default via` on real servers" },
    ),
  ),
  interface: interfaceName.optional().meta(
    note("Interface of the directors that gets it, the same name on all of them.", {
      becomes: "`dev`",
      unset: "the directors' `interface`",
    }),
  ),
  label: label.optional().meta(note("Label `<interface>:<suffix>`.", { becomes: "`label`" })),
});

/** FULLNAT: the addresses as which clients appear to real servers. */
export const lips = z.strictObject({
  addresses: z
    .array(hostCidr)
    .min(1, say("at least one LIP", "Add one."))
    .meta(
      note(
        "LIPs with prefix length, each the one before plus one, all of the VIPs' family. They move with the VIPs of the first instance.",
        { becomes: "`virtual_ipaddress_excluded`, `SNAT --to-source <first>-<last>`" },
      ),
    ),
  interface: interfaceName.optional().meta(
    note("Interface of the directors that gets them. On the directors' own one they are of its network.", {
      becomes: "`dev`",
      unset: "the directors' `interface`",
    }),
  ),
});

/** TUN: how packets to real servers are wrapped. */
export const tunnel = z.strictObject({
  type: z
    .enum(["ipip", "gre", "gue"])
    .default("ipip")
    .meta(
      note("Kind of tunnel.", {
        becomes: "`lvs_method TUN type gre nocsum`, `TUN type gue port … nocsum`; `ipvsadm --tun-type`",
      }),
    ),
  port: port
    .default(6080)
    .meta(
      note("UDP port of a `gue` tunnel.", { becomes: "`port`, `--tun-port`; `ip fou add port … gue` on real servers" }),
    ),
  mss: whole(536, 8960, "bytes")
    .optional()
    .meta(
      note("Largest TCP segment that a real server asks for: the MTU without headers and tunnel.", {
        becomes: "`-j TCPMSS --set-mss` on real servers",
        unset: "what fits into an MTU of 1500: 1440 for `ipip`, 1436 for `gre`, 1428 for `gue`, 1400 for IPv6 in IPv6",
      }),
    ),
});

/** Settings of IPVS itself on the directors. */
export const ipvs = z.strictObject({
  connTabBits: whole(8, 20)
    .optional()
    .meta(
      note(
        "The connection table has 2 to this power of buckets; 12 is the kernel's own choice. Read when ip_vs loads.",
        { becomes: "`options ip_vs conn_tab_bits=…` in `/etc/modprobe.d/pulumi-lvs.conf`", unset: "left as it is" },
      ),
    ),
  connReuseMode: whole(0, 7)
    .optional()
    .meta(
      note(
        "What is done with a connection whose client port is used anew: see [Forwarding](forwarding.md#sysctls-and-module-parameters-of-directors).",
        { becomes: "`net.ipv4.vs.conn_reuse_mode`", unset: "left as it is" },
      ),
    ),
});

/** What tells a Prometheus of the directors: Debian's node exporter, which knows IPVS, addresses and units. */
export const metrics = z.strictObject({
  port: port.default(9100).meta(note("TCP port that it listens on.", { becomes: "`--web.listen-address=…`" })),
  everywhere: z
    .boolean()
    .default(false)
    .meta(
      note("Listen on all addresses of a director, the VIPs too, and not on its own `address` only.", {
        becomes: "`--web.listen-address=:…` without an address",
      }),
    ),
});

/** From where a request through the VIP is made, to prove that the cluster serves. */
export const verification = z.strictObject({
  client: hostName.describe(
    "Lab machine from which a request through each service is made, or a name for the host behind `connection`. No host of the cluster.",
  ),
  connection: host.shape.connection.meta(note("How to reach the client.", { unset: "the lab's machine of this name" })),
});

/** The whole of a cluster: the one source of its types and rules of shape. */
export const cluster = z.strictObject({
  name: hostName
    .default("lvs")
    .meta(
      note(
        "Name of the cluster, written into the files it puts on hosts; in TypeScript the component's name when left out.",
        { becomes: "first line of each file" },
      ),
    ),
  forwarding: z
    .enum(["dr", "nat", "tun", "fullnat"])
    .meta(
      note(
        "Forwarding method: `dr` (direct routing), `nat`, `tun` (tunnelling) or `fullnat`, see [Forwarding](forwarding.md).",
        { becomes: "`lvs_method DR`, `NAT` or `TUN`, `ipvsadm -g`, `-m` or `-i`; `fullnat` is NAT and `-j SNAT`" },
      ),
    ),
  networkBackend: z
    .enum(networkChoices)
    .default("systemd-unit")
    .meta(
      note(
        "What the hosts' network is managed with, where a host does not say it: `systemd-unit` works with any manager, `detect` asks each host at its first `up`. See [Network backends](network-backends.md).",
        { becomes: "files of that manager" },
      ),
    ),
  vips: z
    .array(vip)
    .min(1, say("at least one VIP", "Add one."))
    .meta(note("Virtual addresses.", { becomes: "`virtual_ipaddress`" })),
  dip: dip.optional().meta(
    note("The real servers' gateway: needed where one is reached by `nat`, refused elsewhere.", {
      becomes: "`virtual_ipaddress`",
    }),
  ),
  lips: lips.optional().meta(
    note("The pool of local addresses: needed under `fullnat`, refused elsewhere.", {
      becomes: "`virtual_ipaddress_excluded`, `--to-source`",
    }),
  ),
  tunnel: tunnel
    .prefault({})
    .meta(note("The tunnel to real servers that are reached by `tun`.", { unset: "plain IPIP" })),
  vrrp: vrrp.optional().meta(
    note("What the directors share. Left out: one director [without keepalived](forwarding.md#without-keepalived).", {
      becomes: "`vrrp_instance`",
      unset: "ipvsadm fills the table",
    }),
  ),
  ipvs: ipvs.prefault({}).meta(note("Settings of IPVS itself on the directors.", { unset: "the kernel's own" })),
  routers: z.array(router).default([]).describe("Routers to set up; most networks have theirs already."),
  directors: z
    .array(director)
    .min(1, say("at least one director", "Add one."))
    .describe("Directors; two or more are highly available. Without `vrrp` one only."),
  realServers: z
    .array(realServer)
    .min(1, say("at least one real server in the pool", "Add one."))
    .meta(note("The pool of real servers.", { becomes: "`real_server`" })),
  drainTimeout: whole(0, 86400, "seconds")
    .default(60)
    .describe("Seconds that the connections of a real server which leaves have to end; after that they are cut."),
  services: z
    .array(service)
    .min(1, say("at least one virtual service", "Add one."))
    .meta(note("Virtual services.", { becomes: "`virtual_server`" })),
  firewall: firewall.optional().meta(
    note("The [firewall](firewall.md) of every host that does not say otherwise.", {
      unset: "rules of iptables, which a reload of a firewall takes away until the next `up` or boot",
    }),
  ),
  metrics: metrics.optional().meta(
    note("An exporter for [Prometheus](metrics.md) on the directors; `{}` is enough.", {
      becomes: "`/etc/default/prometheus-node-exporter`",
    }),
  ),
  verification: verification
    .optional()
    .meta(note("Client for a request through each service.", { unset: "the request is left out" })),
});

/** A cluster as it was checked, with every default filled in. */
export type Cluster = z.infer<typeof cluster>;
/** A cluster as a person writes it. */
export type ClusterInput = z.input<typeof cluster>;
/** A director of a checked cluster. */
export type Director = z.infer<typeof director>;
/** A real server of a checked cluster. */
export type RealServer = z.infer<typeof realServer>;
/** A router of a checked cluster. */
export type Router = z.infer<typeof router>;
