import { z } from "zod";
import { check } from "./check.js";
import { note } from "./note.js";
import { say } from "./problem.js";
import { service, serviceRealServer } from "./service.js";
import {
  headerName,
  headerValue,
  hostAddress,
  pathPrefix,
  port,
  requestHost,
  routeTarget,
  url,
  whole,
} from "./words.js";

/** The schedulers of IPVS that a proxy has, too, and what it calls them. */
export const proxySchedulers = ["rr", "wrr", "lc", "wlc", "sh", "mh", "twos"] as const;

const block = (label: string) => `-----BEGIN ${label}-----\\n[A-Za-z0-9+/=\\n]+\\n-----END ${label}-----\\n*`;

function pem(pattern: string, rule: string, next: string) {
  return z.string(say(rule, next)).regex(new RegExp(`^\\n*${pattern}$`), say(rule, next));
}

/** Ends TLS at the proxy. */
export const tls = z.strictObject({
  certificate: pem(
    `(${block("CERTIFICATE")})+`,
    "a certificate in PEM form",
    "Give the certificate first, then what signed it, as BEGIN CERTIFICATE blocks.",
  ).meta(
    note("Certificate in PEM form; the certificate first, then those that signed it.", {
      becomes: "nginx: `ssl_certificate`; haproxy: `crt`",
    }),
  ),
  privateKey: pem(
    `(${block("EC PARAMETERS")})?(${["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"].map(block).join("|")})`,
    "a private key in PEM form, without a passphrase",
    "Set it with `pulumi config set --secret --path`; `openssl pkey` takes a passphrase off.",
  ).meta(
    note(
      "Its private key in PEM form, without a passphrase (secret). That it belongs to the certificate is checked at preview.",
      {
        becomes: "nginx: `ssl_certificate_key`; haproxy: the file `.key` beside that of `crt`",
      },
    ),
  ),
  minVersion: z
    .enum(["TLSv1.2", "TLSv1.3"])
    .default("TLSv1.2")
    .meta(note("Oldest version of TLS that is spoken.", { becomes: "nginx: `ssl_protocols`; haproxy: `ssl-min-ver`" })),
});

/** A network of proxies that are believed. */
const trusted = routeTarget
  .regex(
    /^(?!default$)/,
    say(
      "a network with its prefix length, because whoever is in it can pose as any client",
      "Write it as 192.0.2.0/24 or 192.0.2.1/32.",
    ),
  )
  .meta({ name: "trusted" });

/** Tells the next one, or believes the one before, who the client is (PROXY protocol). */
export const proxyProtocol = z.strictObject({
  send: z
    .enum(["v1", "v2"])
    .optional()
    .meta(
      note(
        "Real servers are told the client's address before the first byte, in this version; they must expect it. nginx sends `v1`, with mode `tcp` only.",
        { becomes: "nginx: `proxy_protocol on`; haproxy: `send-proxy`, `send-proxy-v2`" },
      ),
    ),
  acceptFrom: z
    .array(trusted)
    .min(1, say("at least one network", "Add one, or leave acceptFrom out."))
    .optional()
    .meta(
      note("Networks of the proxies before this one, which tell the client's address first; nobody else is believed.", {
        becomes:
          "nginx: `listen … proxy_protocol`, `set_real_ip_from`; haproxy: `accept-proxy`, `tcp-request connection reject`",
      }),
    ),
});

/** Sends a request elsewhere. */
export const redirect = z.strictObject({
  scheme: z
    .literal("https")
    .optional()
    .meta(note("The same host and path over https.", { becomes: "nginx: `return`; haproxy: `redirect scheme`" })),
  location: url
    .optional()
    .meta(note("This address, whatever was asked for.", { becomes: "nginx: `return`; haproxy: `redirect location`" })),
  status: z
    .union(
      [z.literal(301), z.literal(302), z.literal(307), z.literal(308)],
      say("301, 302, 307 or 308", "Choose one of them."),
    )
    .default(302)
    .meta(note("Status code.", { becomes: "nginx: `return`; haproxy: `code`" })),
});

/** A header that a request must have. */
export const headerMatch = z.strictObject({
  name: headerName.describe("Name of the header."),
  value: headerValue.optional().meta(note("Its whole value.", { unset: "any" })),
});

/** What becomes of requests of a kind; all conditions must be met. */
export const requestRule = z.strictObject({
  path: pathPrefix
    .optional()
    .meta(note("Beginning of the path.", { becomes: "nginx: `map $uri`; haproxy: `path,url_dec -m beg`" })),
  host: requestHost
    .optional()
    .meta(note("Host that was asked for, without port.", { becomes: "nginx: `map $host`; haproxy: `req.hdr(host)`" })),
  header: headerMatch
    .optional()
    .meta(note("Header that the request has.", { becomes: "nginx: `map $http_…`; haproxy: `req.hdr`, `req.fhdr`" })),
  realServers: z
    .array(serviceRealServer)
    .min(1, say("at least one real server", "Name one."))
    .optional()
    .meta(note("Real servers that answer.", { becomes: "nginx: `upstream`; haproxy: `use_backend`" })),
  redirect: redirect
    .optional()
    .meta(
      note("Answer that sends the client elsewhere.", { becomes: "nginx: `return`; haproxy: `http-request redirect`" }),
    ),
});

/** Who answers when no real server can. */
export const proxySorryServer = z.strictObject({
  address: hostAddress.meta(note("Its address.", { becomes: "nginx and haproxy: `server … backup`" })),
  port: port
    .optional()
    .meta(note("Its port.", { becomes: "nginx and haproxy: `server … backup`", unset: "the service's own" })),
});

/** A virtual service of a proxy. */
export const proxyService = z.strictObject({
  vip: hostAddress.optional().meta(
    note("One of the cluster's VIPs, without prefix length; left out where there are none.", {
      becomes: "nginx: `listen`; haproxy: `bind`",
      unset: "every address of the director",
    }),
  ),
  port: port.meta(note("Port of the service.", { becomes: "nginx: `listen`; haproxy: `bind`" })),
  protocol: z.literal("tcp").default("tcp").describe("Protocol; for UDP and SCTP take LVS."),
  mode: z
    .enum(["tcp", "http"])
    .default("tcp")
    .meta(
      note("`tcp` passes bytes on, `http` understands requests and spreads them one by one.", {
        becomes: "nginx: `stream`, `http`; haproxy: `mode`",
      }),
    ),
  scheduler: z
    .enum(proxySchedulers)
    .default("wlc")
    .meta(
      note(
        "How real servers are chosen, in the words of IPVS: see [the table](#what-of-the-lvs-vocabulary-a-proxy-has).",
        { becomes: "nginx: `least_conn`, `hash`, `random`; haproxy: `balance`, `hash-type`" },
      ),
    ),
  check: check.optional().meta(note("Health check: see [Checks](#checks).", { unset: "`{type: tcp}`" })),
  sorryServer: proxySorryServer.optional().meta(
    note("Answers in the pool's stead while no real server can; nobody checks it, as with LVS.", {
      becomes: "nginx and haproxy: `server … backup`",
    }),
  ),
  realServers: service.shape.realServers,
  tls: tls.optional().meta(note("Ends TLS here.", { becomes: "nginx: `listen … ssl`; haproxy: `bind … ssl`" })),
  proxyProtocol: proxyProtocol
    .prefault({})
    .describe("PROXY protocol, so that the client's address is kept: see [there](#the-clients-address)."),
  forwardedFor: z
    .boolean()
    .optional()
    .meta(
      note("Real servers find the client's address in `X-Forwarded-For` (mode `http`).", {
        becomes: "nginx: `proxy_set_header`; haproxy: `http-request set-header`",
        unset: "true with mode `http`",
      }),
    ),
  requestHeaders: z
    .record(headerName, headerValue)
    .default({})
    .meta(
      note(
        "Headers that requests get on their way to a real server, by name; a client's own of that name is replaced, and what the proxy itself would say: `Host`, `X-Forwarded-For` (mode `http`).",
        { becomes: "nginx: `proxy_set_header`; haproxy: `http-request set-header`" },
      ),
    ),
  responseHeaders: z
    .record(headerName, headerValue)
    .default({})
    .meta(
      note(
        "Headers that answers get, by name, also those that the proxy gives itself: redirects and errors (mode `http`).",
        {
          becomes: "nginx: `add_header`; haproxy: `http-after-response set-header`",
        },
      ),
    ),
  rules: z
    .array(requestRule)
    .max(60, say("at most 60 rules, as nginx chooses by one word of at most 4096 characters", "Put some together."))
    .default([])
    .meta(
      note("Requests of some kind go elsewhere (mode `http`): see [Rules](#rules).", {
        becomes: "nginx: `map`; haproxy: `set-var(txn.rule)`",
      }),
    ),
  idleTimeout: whole(1, 86400, "seconds")
    .default(300)
    .meta(
      note("Seconds without a byte after which a connection ends.", {
        becomes:
          "nginx: `proxy_read_timeout`, `proxy_send_timeout`, `proxy_timeout`; haproxy: `timeout client`, `timeout server`, `timeout tunnel`",
      }),
    ),
});

/** A virtual service of a proxy. */
export type ProxyService = z.infer<typeof proxyService>;
/** What becomes of requests of a kind. */
export type RequestRule = z.infer<typeof requestRule>;
