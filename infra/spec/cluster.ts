import { z } from "zod";
import { host } from "./host.js";
import { say } from "./problem.js";
import { service } from "./service.js";
import { vip, vrrp } from "./vrrp.js";
import { hostName, whole } from "./words.js";

/** A director: takes the clients' requests and gives them to real servers. */
export const director = z.strictObject({
  ...host.shape,
  state: z
    .enum(["MASTER", "BACKUP"])
    .optional()
    .describe(
      "Initial VRRP state; when left out MASTER for the highest priority, or BACKUP with nopreempt or preemptDelay.",
    ),
  priority: whole(1, 254).describe("VRRP priority; the highest one alive holds the VIPs."),
});

/** A real server: answers the clients. */
export const realServer = z.strictObject({
  ...host.shape,
  weight: whole(0, 65535).default(1).describe("Share of the connections for weighted schedulers; 0 takes no new ones."),
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
  forwarding: z.enum(["dr"]).describe("Forwarding method: dr (direct routing)."),
  vips: z.array(vip).min(1, say("at least one VIP", "Add one.")).describe("Virtual addresses."),
  vrrp: vrrp.describe("What the directors share."),
  directors: z.array(director).min(1, say("at least one director", "Add one.")).describe("Directors."),
  realServers: z
    .array(realServer)
    .min(1, say("at least one real server in the pool", "Add one."))
    .describe("The pool of real servers."),
  services: z.array(service).min(1, say("at least one virtual service", "Add one.")).describe("Virtual services."),
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
