import { z } from "zod";

const count = z.int().min(0);
const moment = z.iso.datetime().describe("By the clock of the host, in UTC.");

const flow = z.strictObject({
  connections: count,
  packetsIn: count.describe("From clients."),
  packetsOut: count.describe("To clients; 0 where replies do not pass the director."),
  bytesIn: count,
  bytesOut: count,
});
const counted = flow.describe("Since the entry was made (`ipvsadm -Ln --stats`); summed up by the kernel every 2 s.");
const rates = flow.describe("In a second (`ipvsadm -Ln --rate`), smoothed by the kernel.");

const realServer = z.strictObject({
  address: z.string().describe("`<address>:<port>`, as ipvsadm has it."),
  name: z.string().nullable().describe("The host's name in the stack file; null for an address that is none of them."),
  role: z.enum(["real server", "sorry server", "stranger"]).describe("`stranger`: in the table, and not in the spec."),
  health: z
    .enum(["up", "down", "checking", "unchecked", "unknown"])
    .describe(
      "What the director's keepalived has found: `checking` until a check has come to a result, `unchecked` without a check, " +
        "`unknown` while no keepalived runs.",
    ),
  inTable: z.boolean().describe("It is in the kernel's table; what follows is null when it is not."),
  forwarding: z.enum(["nat", "dr", "tun"]).nullable().describe("`nat` also under fullnat."),
  tunnel: z.string().optional().describe("ipvsadm's own words for a tunnel other than IPIP."),
  weight: count.nullable().describe("In the kernel now; 0 gets no new connections."),
  active: count.nullable().describe("Established connections."),
  inactive: count.nullable().describe("Connections in any other state, and all of UDP."),
  counted: counted.nullable(),
  rates: rates.nullable(),
});

const service = z.strictObject({
  service: z.string().describe("`tcp 192.0.2.1:80`, `udp [2001:db8::1]:53`, `fwmark 7`, `fwmark 7 inet6`."),
  scheduler: z.string(),
  flags: z.array(z.string()).optional().describe("Scheduler flags in ipvsadm's words."),
  persistenceTimeout: count.optional().describe("Seconds."),
  persistenceGranularity: z.string().optional().describe("An IPv4 netmask or an IPv6 prefix length."),
  onePacket: z.literal(true).optional().describe("One-packet scheduling."),
  counted,
  rates,
  realServers: z.array(realServer),
});

const instance = z.strictObject({
  instance: z.string(),
  state: z.string().describe("`MASTER`, `BACKUP`, `FAULT` or `INIT`."),
  priority: count.describe("With what tracked programs add to it."),
  changed: moment.nullable().describe("Its last change of state, or keepalived's last reload."),
});

const load = {
  active: count.nullable().describe("Connections now."),
  given: count.nullable().describe("Connections, or requests with mode http, since the proxy's last reload."),
  rate: count.nullable().describe("Of those, in the last second."),
};

const proxyServer = z.strictObject({
  address: z.string().describe("`<address>:<port>`."),
  name: z.string().describe("The host's name in the stack file; the address for one that is none of its hosts."),
  role: z
    .enum(["real server", "sorry server", "stranger"])
    .describe("`stranger`: in the proxy's pool, and not in the spec."),
  health: z
    .enum(["up", "down", "checking", "unchecked", "unknown"])
    .describe(
      "haproxy: what its own checks have found, `checking` before the first. nginx: whether the director could connect just now. " +
        "`unchecked` without a check, `unknown` while the proxy does not run or cannot be asked.",
    ),
  inPool: z.boolean().nullable().describe("It is in the proxy's pool; null where the proxy cannot be asked."),
  aside: z.string().optional().describe("Set aside over haproxy's socket, in its words: `MAINT`, `DRAIN`."),
  weight: count
    .nullable()
    .describe("haproxy: as it runs; nginx: as its configuration file has it. 0 gets no new connections."),
  ...load,
});

const proxyService = z.strictObject({
  service: z.string().describe("`tcp 192.0.2.1:80`; `tcp *:80` on every address."),
  mode: z.enum(["tcp", "http"]),
  scheduler: z.string(),
  listening: z.boolean().nullable().describe("On each of its addresses somebody listens."),
  ...load,
  pools: z
    .array(
      z.strictObject({
        rule: count
          .nullable()
          .describe("The rule's number, in the order of the stack file; null for all other requests."),
        realServers: z.array(proxyServer),
      }),
    )
    .describe("The service's own pool first, then those of rules."),
});

const proxy = z.strictObject({
  engine: z.enum(["nginx", "haproxy"]),
  running: z.boolean().describe("Its main process and its workers live."),
  services: z
    .array(proxyService)
    .describe(
      "What nobody tells is null. nginx tells nothing: `active` is what the kernel has of its established connections; null " +
        "where several pools have the same real server on the same port.",
    ),
});

const director = z.strictObject({
  host: z.string(),
  daemon: z
    .enum(["keepalived", "ipvsadm", "none"])
    .describe("Who fills the kernel's table, and has the VIPs; `none` for proxies without VIPs."),
  running: z.boolean().describe("keepalived lives; always true without it."),
  instances: z.array(instance).describe("VRRP."),
  total: z
    .strictObject({ counted: flow, rates: flow })
    .nullable()
    .describe("`/proc/net/ip_vs_stats`; null without ip_vs."),
  services: z.array(service).describe("The kernel's table as it is."),
  proxy: proxy.optional().describe("Where the director runs one."),
});

const vip = z.strictObject({
  address: z.string().describe("With its prefix length. The DIP and the LIPs, which move along, are here too."),
  holders: z.array(
    z.strictObject({
      host: z.string(),
      interface: z.string(),
      since: moment.nullable().describe("When the kernel got the address; null where the host has no perl."),
      seconds: z.number().min(0).nullable().describe("For so long it has been there."),
    }),
  ),
});

const verification = z.strictObject({
  at: z.iso
    .datetime()
    .nullable()
    .describe("By the clock of the computer that ran `up`; null in states of older versions."),
  current: z.boolean().describe("No host has been changed by an `up` since."),
  sent: count.describe("Requests through the VIPs."),
  answered: count,
});

const cluster = z.strictObject({
  name: z.string().describe("Name of the component: `lvs` for a stack file's cluster, or the layer's."),
  vips: z.array(vip),
  directors: z.array(director).describe("Those that were reached."),
  drift: z
    .array(z.strictObject({ host: z.string(), what: z.string() }))
    .describe(
      "What packets depend on and is not as set up: tables, a proxy's pools and where it listens, and of every host addresses, " +
        "routes, sysctls, firewall rules and tunnel devices.",
    ),
  verification: verification.nullable().describe("The last proof; null before the first."),
});

const host = z.strictObject({
  host: z.string(),
  role: z.enum(["director", "real server", "router"]),
  address: z.string().describe("Where it is asked, with the port."),
  error: z.string().nullable().describe("Why it could not be read; null when it was."),
  age: z.number().min(0).describe("Seconds since it was read: others took so long, or under `--watch` it is silent."),
});

/** What `npm run status -- <stack> --json` prints. */
export const statusSchema = z.strictObject({
  stack: z.string(),
  at: z.iso.datetime().describe("By this computer's clock, in UTC."),
  verdict: z
    .enum(["healthy", "unhealthy", "unread"])
    .describe("`unread`: a host could not be read. Exit status 0, 7 and 1."),
  problems: z.array(z.string()).describe("Why it is not healthy, a sentence each."),
  hosts: z.array(host).describe("A proxy behind another layer is there twice: as a director, and as a real server."),
  clusters: z.array(cluster).describe("Layers: each before the one behind it."),
});

export type Status = z.infer<typeof statusSchema>;
export type ClusterStatus = Status["clusters"][number];
export type DirectorStatus = ClusterStatus["directors"][number];
export type ServiceStatus = DirectorStatus["services"][number];
export type RealServerStatus = ServiceStatus["realServers"][number];
export type ProxyStatus = NonNullable<DirectorStatus["proxy"]>;
export type ProxyServiceStatus = ProxyStatus["services"][number];
export type ProxyServerStatus = ProxyServiceStatus["pools"][number]["realServers"][number];
export type HostStatus = Status["hosts"][number];

/** The same as JSON Schema (draft 2020-12), as it stands in docs/status.schema.json. */
export function jsonSchema(): string {
  const schema = z.toJSONSchema(statusSchema, {
    override({ jsonSchema: part }) {
      // The format says it; and a number that JavaScript cannot count to is no limit of ours.
      if (part.format === "date-time") delete part.pattern;
      if (part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum;
    },
  });
  return `${JSON.stringify({ title: "Status of a pulumi-lvs stack", ...schema }, null, 2)}\n`;
}
