import { z } from "zod";
import { hostAddress, hostName, netmask, port, urlPath, virtualHost, whole } from "./words.js";

/** Flags of each scheduler, in ipvsadm's words; a scheduler that is not listed has none (ipvsadm(8), option -b). */
export const schedulerFlags: Readonly<Record<string, readonly string[]>> = {
  sh: ["sh-fallback", "sh-port"],
  mh: ["mh-fallback", "mh-port"],
};

const timing = {
  delayLoop: whole(1, 86400, "seconds").default(6).describe("Seconds between two checks of a real server."),
  connectTimeout: whole(1, 3600, "seconds").default(3).describe("Seconds to wait for a connection and an answer."),
  retry: whole(0, 100).default(3).describe("Further attempts before a real server is taken out."),
  delayBeforeRetry: whole(1, 3600, "seconds").default(3).describe("Seconds between two attempts."),
};

/** Looks whether the port accepts a connection. */
export const tcpCheck = z.strictObject({ type: z.literal("tcp"), ...timing });

/** Looks whether an HTTP GET is answered with the wanted status. */
export const httpCheck = z.strictObject({
  type: z.literal("http"),
  path: urlPath.default("/").describe("Path to get."),
  status: whole(100, 599).default(200).describe("Status code that means healthy."),
  virtualHost: virtualHost.optional().describe("Host header; the real server's address when left out."),
  ...timing,
});

/** How directors find out whether a real server can serve. */
export const check = z.discriminatedUnion("type", [httpCheck, tcpCheck]);

/** Sends a client's later connections to the real server of its first one. */
export const persistence = z.strictObject({
  timeout: whole(1, 2592000, "seconds").describe("Seconds without a connection after which a client is forgotten."),
  granularity: netmask.optional().describe("Netmask: clients that differ only outside it count as one."),
});

/** A real server's part in one service, where it differs from the pool's. */
export const serviceRealServer = z.strictObject({
  name: hostName.describe("Name of a real server of the pool."),
  weight: whole(0, 65535).optional().describe("Weight in this service; the real server's own when left out."),
  port: port.optional().describe("Port on the real server; the service's own when left out."),
});

/** A virtual service. */
export const service = z.strictObject({
  vip: hostAddress.describe("One of the cluster's VIPs, without prefix length."),
  port: port.describe("Port of the service."),
  protocol: z.enum(["tcp"]).default("tcp").describe("Protocol of the service."),
  scheduler: z
    .enum(["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "twos"])
    .default("wlc")
    .describe("IPVS scheduler."),
  schedulerFlags: z
    .array(z.enum(["mh-fallback", "mh-port", "sh-fallback", "sh-port"]))
    .default([])
    .describe("Flags of the scheduler."),
  persistence: persistence.optional().describe("Keeps a client on one real server; none when left out."),
  check: check.prefault({ type: "tcp" }).describe("Health check of the real servers."),
  realServers: z
    .array(serviceRealServer)
    .optional()
    .describe("Real servers of this service; the whole pool when left out."),
});

/** A virtual service. */
export type Service = z.infer<typeof service>;
/** A health check. */
export type Check = z.infer<typeof check>;
