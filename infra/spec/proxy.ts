import { z } from "zod";
import { cluster, director, realServer } from "./cluster.js";
import { note } from "./note.js";
import { say } from "./problem.js";
import { proxyService } from "./proxy-service.js";
import { vip, vrrp } from "./vrrp.js";
import { port, whole } from "./words.js";

const { forwarding, ...proxiedServer } = realServer.shape;
void forwarding;

/** A cluster whose directors run a proxy instead of IPVS: the one source of its types and rules of shape. */
export const proxy = z
  .strictObject({
    name: cluster.shape.name,
    engine: z.enum(["nginx", "haproxy"]).meta(
      note("The proxy that the directors run. Another one replaces the first, one director after the other.", {
        becomes: "package and unit `nginx` or `haproxy`",
      }),
    ),
    vips: z
      .array(vip)
      .default([])
      .meta(
        note(
          "Virtual addresses. None for a pool of proxies that stand side by side behind another layer, or behind DNS.",
          { becomes: "`virtual_ipaddress`" },
        ),
      ),
    vrrp: vrrp
      .optional()
      .meta(
        note(
          "What the directors share, without `connectionSync`: a proxy's connections end with it. Needed beside `vips`, and only there.",
          { becomes: "`vrrp_instance`" },
        ),
      ),
    networkBackend: cluster.shape.networkBackend,
    routers: cluster.shape.routers,
    directors: z
      .array(director)
      .min(1, say("at least one director", "Add one."))
      .describe("Directors: the hosts that run the proxy."),
    realServers: z
      .array(z.strictObject(proxiedServer))
      .min(1, say("at least one real server in the pool", "Add one."))
      .meta(
        note("The pool of real servers, which need nothing of the cluster.", {
          becomes: "nginx and haproxy: `server`",
        }),
      ),
    drainTimeout: whole(1, 86400, "seconds")
      .default(600)
      .meta(
        note("Seconds that connections have to end after a change; after that they are cut.", {
          becomes: "nginx: `worker_shutdown_timeout`; haproxy: `hard-stop-after`",
        }),
      ),
    // Each has another one to a real server, and a process can open 1048576 files (`fs.nr_open`, proc_sys_fs(5)).
    maxConnections: whole(100, 500000)
      .default(10000)
      .meta(
        note(
          "Connections of clients that a director takes at a time: each worker of nginx, each service of haproxy, whose services together take at most 500000.",
          {
            becomes: "nginx: `worker_connections`, twice as many; haproxy: `maxconn`",
          },
        ),
      ),
    healthPort: port.default(8064).meta(
      note("Port on 127.0.0.1 where keepalived asks the proxy whether it lives.", {
        becomes: "nginx: `listen`; haproxy: `bind`; `vrrp_script`",
      }),
    ),
    firewall: cluster.shape.firewall,
    services: z
      .array(proxyService)
      .min(1, say("at least one virtual service", "Add one."))
      .meta(note("Virtual services.", { becomes: "nginx: `server`, `upstream`; haproxy: `frontend`, `backend`" })),
    verification: cluster.shape.verification,
  })
  .meta({ name: "proxy" });

/** A cluster of proxies as it was checked, with every default filled in. */
export type Proxy = z.infer<typeof proxy>;
/** A cluster of proxies as a person writes it. */
export type ProxyInput = z.input<typeof proxy>;
