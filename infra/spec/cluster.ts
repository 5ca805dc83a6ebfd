import { z } from "zod";
import { host } from "./host.js";
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
    .describe(
      "Initial VRRP state; when left out MASTER for the highest priority, or BACKUP with nopreempt or preemptDelay.",
    ),
  priority: whole(1, 254).default(100).describe("VRRP priority; the highest one alive holds the VIPs."),
});

/** A real server: answers the clients. */
export const realServer = z.strictObject({
  ...host.shape,
  weight: whole(0, 65535).default(1).describe("Share of the connections for weighted schedulers; 0 takes no new ones."),
  drain: z
    .boolean()
    .default(false)
    .describe("Takes no new connections; when those that it has have ended it leaves the pool, and stays set up."),
  forwarding: method.optional().describe("How directors send to this one; as the cluster says when left out."),
});

/** A router between the directors, the real servers or the clients, where the toolkit is to set one up. */
export const router = z.strictObject(host.shape);

/** NAT: the directors' address towards the real servers, which is their default gateway. */
export const dip = z.strictObject({
  address: hostCidr.describe("DIP with its prefix length; it moves with the VIPs."),
  interface: interfaceName.optional().describe("Interface of the directors that gets it; their own when left out."),
  label: label.optional().describe("Label `<interface>:<suffix>`."),
});

/** FULLNAT: the addresses as which clients appear to real servers. */
export const lips = z.strictObject({
  addresses: z
    .array(hostCidr)
    .min(1, say("at least one LIP", "Add one."))
    .describe("LIPs with prefix length, one after the other; they move with the VIPs."),
  interface: interfaceName.optional().describe("Interface of the directors that gets them; their own when left out."),
});

/** TUN: how packets to real servers are wrapped. */
export const tunnel = z.strictObject({
  type: z.enum(["ipip", "gre", "gue"]).default("ipip").describe("Kind of tunnel."),
  port: port.default(6080).describe("UDP port of a gue tunnel."),
  mss: whole(536, 8960, "bytes")
    .optional()
    .describe(
      "Largest TCP segment that a real server asks for; what fits into an MTU of 1500 with this tunnel when left out.",
    ),
});

/** Settings of IPVS itself on the directors. */
export const ipvs = z.strictObject({
  connTabBits: whole(8, 20)
    .optional()
    .describe(
      "The connection table has 2 to this power of buckets; 12 is the kernel's own choice. Read when ip_vs loads.",
    ),
  connReuseMode: whole(0, 7).optional().describe("`net.ipv4.vs.conn_reuse_mode`; left as it is when left out."),
});

/** What tells a Prometheus of the directors: Debian's node exporter, which knows IPVS, addresses and units. */
export const metrics = z.strictObject({
  port: port.default(9100).describe("TCP port that it listens on."),
  everywhere: z
    .boolean()
    .default(false)
    .describe("Listen on all addresses of a director; on its own `address` alone when left out."),
});

/** From where a request through the VIP is made, to prove that the cluster serves. */
export const verification = z.strictObject({
  client: hostName.describe(
    "A lab machine, or a name for the host behind `connection`; neither a director nor a real server.",
  ),
  connection: host.shape.connection,
});

/** The whole of a cluster: the one source of its types and rules of shape. */
export const cluster = z.strictObject({
  name: hostName.default("lvs").describe("Name of the cluster, written into the files it puts on hosts."),
  forwarding: z
    .enum(["dr", "nat", "tun", "fullnat"])
    .describe("Forwarding method: dr (direct routing), nat, tun (tunnelling) or fullnat."),
  vips: z.array(vip).min(1, say("at least one VIP", "Add one.")).describe("Virtual addresses."),
  dip: dip.optional().describe("The real servers' gateway under nat."),
  lips: lips.optional().describe("The pool of local addresses under fullnat."),
  tunnel: tunnel.prefault({}).describe("The tunnel under tun."),
  vrrp: vrrp
    .optional()
    .describe("What the directors share. Left out: one director, without keepalived, whose table ipvsadm fills."),
  ipvs: ipvs.prefault({}).describe("Settings of IPVS itself on the directors."),
  routers: z.array(router).default([]).describe("Routers to set up; most networks have theirs already."),
  directors: z.array(director).min(1, say("at least one director", "Add one.")).describe("Directors."),
  realServers: z
    .array(realServer)
    .min(1, say("at least one real server in the pool", "Add one."))
    .describe("The pool of real servers."),
  drainTimeout: whole(0, 86400, "seconds")
    .default(60)
    .describe("Seconds that the connections of a real server which leaves have to end; after that they are cut."),
  services: z.array(service).min(1, say("at least one virtual service", "Add one.")).describe("Virtual services."),
  metrics: metrics.optional().describe("An exporter for Prometheus on the directors; none when left out."),
  verification: verification.optional().describe("Client for a request through each service."),
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
