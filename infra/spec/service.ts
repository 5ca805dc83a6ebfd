import { z } from "zod";
import { check } from "./check.js";
import { say } from "./problem.js";
import { hostAddress, hostName, netmask, port, whole } from "./words.js";

/** Flags of each scheduler, in ipvsadm's words; a scheduler that is not listed has none (ipvsadm(8), option -b). */
export const schedulerFlags: Readonly<Record<string, readonly string[]>> = {
  sh: ["sh-fallback", "sh-port"],
  mh: ["mh-fallback", "mh-port"],
};

/** How IPVS can send to one real server; fullnat is nat with the source changed as well, for a whole cluster. */
export const method = z.enum(["nat", "dr", "tun"]);

const granularityRule = say("a netmask, or for IPv6 a prefix length from 1 to 128", "Write it as 255.255.255.0 or 64.");

/** Sends a client's later connections to the real server of its first one. */
export const persistence = z.strictObject({
  timeout: whole(1, 2592000, "seconds").describe("Seconds without a connection after which a client is forgotten."),
  granularity: z
    .union([netmask, z.int(granularityRule).min(1, granularityRule).max(128, granularityRule)], granularityRule)
    .optional()
    .describe("Netmask, or prefix length for IPv6: clients that differ only outside it count as one."),
});

/** A real server's part in one service, where it differs from the pool's. */
export const serviceRealServer = z.strictObject({
  name: hostName.describe("Name of a real server of the pool."),
  weight: whole(0, 65535).optional().describe("Weight in this service; the real server's own when left out."),
  port: port.optional().describe("Port on the real server (nat and fullnat); the service's own when left out."),
});

/** Who answers when no quorum of real servers can. */
export const sorryServer = z.strictObject({
  address: hostAddress.describe("Its address."),
  port: port.optional().describe("Its port (nat and fullnat); the service's own when left out."),
  forwarding: method.optional().describe("How to send to it; as to the real servers when left out."),
});

/** A virtual service. */
export const service = z.strictObject({
  vip: hostAddress.describe("One of the cluster's VIPs, without prefix length."),
  port: whole(0, 65535)
    .optional()
    .describe("Port of the service; 0 for all ports, which needs persistence. Left out where `mark` is given."),
  mark: whole(1, 2147483647)
    .optional()
    .describe("Firewall mark: packets to the VIP's `ports` get it, and all of them are one service."),
  ports: z
    .array(port)
    .min(1, say("at least one port", "Add one."))
    .max(15, say("at most 15 ports, as iptables' multiport takes no more", "Use port 0, or two services."))
    .optional()
    .describe("Ports that `mark` takes together."),
  protocol: z.enum(["tcp", "udp", "sctp"]).default("tcp").describe("Protocol of the service."),
  scheduler: z
    .enum(["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "twos"])
    .default("wlc")
    .describe("IPVS scheduler."),
  schedulerFlags: z
    .array(z.enum(["mh-fallback", "mh-port", "sh-fallback", "sh-port"]))
    .default([])
    .describe("Flags of the scheduler."),
  onePacket: z.boolean().default(false).describe("One-packet scheduling: each datagram on its own (udp only)."),
  persistence: persistence.optional().describe("Keeps a client on one real server; none when left out."),
  check: check
    .optional()
    .describe("Health check; when left out tcp for TCP, icmp for UDP and SCTP, none without keepalived."),
  quorum: whole(1, 2147483647).optional().describe("Total weight of healthy real servers that the service needs."),
  hysteresis: whole(0, 2147483647).optional().describe("Weight by which the quorum may be missed or must be exceeded."),
  sorryServer: sorryServer.optional().describe("Answers in the pool's stead while there is no quorum."),
  inhibitOnFailure: z
    .boolean()
    .default(false)
    .describe("A failed real server gets weight 0 and keeps its connections, instead of leaving the table."),
  alpha: z.boolean().default(false).describe("A real server is out until its first check succeeds."),
  realServers: z
    .array(serviceRealServer)
    .optional()
    .describe("Real servers of this service; the whole pool when left out."),
});

/** A virtual service. */
export type Service = z.infer<typeof service>;
