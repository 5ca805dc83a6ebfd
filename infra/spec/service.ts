import { z } from "zod";
import { check } from "./check.js";
import { note } from "./note.js";
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
  timeout: whole(1, 2592000, "seconds").meta(
    note("Seconds without a connection after which a client is forgotten.", {
      becomes: "`persistence_timeout`, `ipvsadm -p`",
    }),
  ),
  granularity: z
    .union([netmask, z.int(granularityRule).min(1, granularityRule).max(128, granularityRule)], granularityRule)
    .optional()
    .meta(
      note(
        "Clients that differ only outside it count as one: a netmask for an IPv4 VIP, a prefix length from 1 to 128 for an IPv6 VIP.",
        { becomes: "`persistence_granularity`, `ipvsadm -M`", unset: "each address is a client" },
      ),
    ),
});

/** A real server's part in one service, where it differs from the pool's. */
export const serviceRealServer = z.strictObject({
  name: hostName.describe("Name of a real server of the pool."),
  weight: whole(0, 65535)
    .optional()
    .meta(note("Weight in this service.", { becomes: "as the real server's own", unset: "the real server's own" })),
  port: port
    .optional()
    .meta(
      note(
        "Port on the real server, under `nat` and `fullnat` and with a proxy; `dr` and `tun` cannot change it. Not with `mark` or port 0.",
        { becomes: "`real_server`; nginx and haproxy: `server`", unset: "the service's own" },
      ),
    ),
});

/** Who answers when no quorum of real servers can. */
export const sorryServer = z.strictObject({
  address: hostAddress.meta(
    note("Its address. It is not a host of the cluster: nothing is set up on it.", { becomes: "`sorry_server`" }),
  ),
  port: port.optional().meta(
    note("Its port; under `dr` and `tun` no other one reaches it.", {
      becomes: "`sorry_server`",
      unset: "the service's own",
    }),
  ),
  forwarding: method
    .optional()
    .meta(note("How to send to it.", { becomes: "`sorry_server_lvs_method`", unset: "the cluster's" })),
});

/** A virtual service. */
export const service = z.strictObject({
  vip: hostAddress.meta(
    note("One of the cluster's VIPs, without prefix length. Real servers have an address of its family.", {
      becomes: "`virtual_server`, `ipvsadm -t`, `-u` or `--sctp-service`",
    }),
  ),
  port: whole(0, 65535)
    .optional()
    .meta(
      note("Port, or 0 for all ports of the VIP, which needs `persistence` and is not for SCTP.", {
        becomes: "`virtual_server`",
        unset: "none with `mark`",
      }),
    ),
  mark: whole(1, 2147483647)
    .optional()
    .meta(
      note("Firewall mark, unique: packets to the VIP's `ports` get it, and all of them are one service.", {
        becomes: "`virtual_server fwmark`, `ipvsadm -f`; `iptables … -j MARK --set-mark`",
      }),
    ),
  ports: z
    .array(port)
    .min(1, say("at least one port", "Add one."))
    .max(15, say("at most 15 ports, as iptables' multiport takes no more", "Use port 0, or two services."))
    .optional()
    .meta(
      note("Ports that `mark` takes together.", { becomes: "`-m multiport --dports`", unset: "none without `mark`" }),
    ),
  protocol: z
    .enum(["tcp", "udp", "sctp"])
    .default("tcp")
    .meta(note("Protocol.", { becomes: "`protocol TCP`, `UDP`, `SCTP`; with `mark` the rule's `-p`" })),
  scheduler: z
    .enum(["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "twos"])
    .default("wlc")
    .meta(note("IPVS scheduler. The host's kernel must have it.", { becomes: "`lvs_sched`, `ipvsadm -s`" })),
  schedulerFlags: z
    .array(z.enum(["mh-fallback", "mh-port", "sh-fallback", "sh-port"]))
    .default([])
    .meta(
      note("`sh-port`, `sh-fallback` for `sh`; `mh-port`, `mh-fallback` for `mh`.", {
        becomes: "the flag, `ipvsadm -b`",
      }),
    ),
  onePacket: z
    .boolean()
    .default(false)
    .meta(
      note("Each datagram is scheduled on its own. `udp` only, and not beside `persistence`.", {
        becomes: "`ops`, `ipvsadm -o`",
      }),
    ),
  persistence: persistence.optional().describe("Keeps a client on one real server."),
  check: check
    .optional()
    .meta(note("Health check of its real servers.", { unset: "`tcp` for TCP, `icmp` for UDP and SCTP" })),
  quorum: whole(1, 2147483647)
    .optional()
    .meta(
      note("Total weight of healthy real servers that the service needs, at most the total weight of all.", {
        becomes: "`quorum`",
        unset: "keepalived's: 1",
      }),
    ),
  hysteresis: whole(0, 2147483647)
    .optional()
    .meta(
      note("Weight by which the quorum may be missed or must be exceeded; needs `quorum`, and is less.", {
        becomes: "`hysteresis`",
        unset: "keepalived's: 0",
      }),
    ),
  sorryServer: sorryServer
    .optional()
    .meta(note("Answers in the pool's stead while there is no quorum.", { becomes: "`sorry_server`" })),
  inhibitOnFailure: z
    .boolean()
    .default(false)
    .meta(
      note("A failed real server gets weight 0 and keeps its connections, instead of leaving the table.", {
        becomes: "`inhibit_on_failure`",
      }),
    ),
  alpha: z
    .boolean()
    .default(false)
    .meta(note("A real server is out until its first check succeeds.", { becomes: "`alpha`" })),
  realServers: z
    .array(serviceRealServer)
    .min(1, say("at least one real server", "Name one, or leave the list out for the whole pool."))
    .optional()
    .meta(
      note("Real servers of this service, one of them with a weight above 0.", {
        becomes: "`real_server`; nginx and haproxy: `server`",
        unset: "the whole pool",
      }),
    ),
});

/** A virtual service. */
export type Service = z.infer<typeof service>;
