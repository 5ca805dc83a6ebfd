import { z } from "zod";
import { director, realServer, router, verification } from "./cluster.js";
import { say } from "./problem.js";
import { proxyService } from "./proxy-service.js";
import { vip, vrrp } from "./vrrp.js";
import { hostName, port, whole } from "./words.js";

const { forwarding, ...proxiedServer } = realServer.shape;
void forwarding;

/** A cluster whose directors run a proxy instead of IPVS: the one source of its types and rules of shape. */
export const proxy = z.strictObject({
  name: hostName.default("lvs").describe("Name of the cluster, written into the files it puts on hosts."),
  engine: z.enum(["nginx", "haproxy"]).describe("The proxy that the directors run."),
  vips: z
    .array(vip)
    .default([])
    .describe("Virtual addresses; none for a pool of proxies that another layer, or DNS, spreads clients over."),
  vrrp: vrrp.optional().describe("What the directors share; left out where there are no VIPs."),
  routers: z.array(router).default([]).describe("Routers to set up; most networks have theirs already."),
  directors: z
    .array(director)
    .min(1, say("at least one director", "Add one."))
    .describe("Directors: they run the proxy."),
  realServers: z
    .array(z.strictObject(proxiedServer))
    .min(1, say("at least one real server in the pool", "Add one."))
    .describe("The pool of real servers, which need nothing of the cluster."),
  drainTimeout: whole(1, 86400, "seconds")
    .default(600)
    .describe("Seconds that connections have to end after a change; after that they are cut."),
  maxConnections: whole(100, 1000000)
    .default(10000)
    .describe("Connections of clients that a director takes at a time."),
  healthPort: port.default(8064).describe("Port on 127.0.0.1 where keepalived asks the proxy whether it lives."),
  services: z.array(proxyService).min(1, say("at least one virtual service", "Add one.")).describe("Virtual services."),
  verification: verification.optional().describe("Client for a request through each service."),
});

/** A cluster of proxies as it was checked, with every default filled in. */
export type Proxy = z.infer<typeof proxy>;
/** A cluster of proxies as a person writes it. */
export type ProxyInput = z.input<typeof proxy>;
