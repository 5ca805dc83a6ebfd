import { z } from "zod";
import { check } from "./check.js";
import { say } from "./problem.js";
import { serviceRealServer } from "./service.js";
import {
  headerName,
  headerValue,
  hostAddress,
  pathPrefix,
  port,
  routeTarget,
  url,
  virtualHost,
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
  ).describe("Certificate in PEM form, then those that signed it."),
  privateKey: pem(
    `(${block("EC PARAMETERS")})?(${["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"].map(block).join("|")})`,
    "a private key in PEM form, without a passphrase",
    "Set it with `pulumi config set --secret --path`; `openssl pkey` takes a passphrase off.",
  ).describe("Its private key in PEM form (secret)."),
  minVersion: z.enum(["TLSv1.2", "TLSv1.3"]).default("TLSv1.2").describe("Oldest version of TLS that is spoken."),
});

/** Tells the next one, or believes the one before, who the client is (PROXY protocol). */
export const proxyProtocol = z.strictObject({
  send: z
    .enum(["v1", "v2"])
    .optional()
    .describe("Real servers are told the client's address first, in this version; they must expect it."),
  acceptFrom: z
    .array(routeTarget)
    .min(1, say("at least one network", "Add one, or leave acceptFrom out."))
    .optional()
    .describe(
      "Networks of the proxies before this one, which tell the client's address first; no other client can connect.",
    ),
});

/** Sends a request elsewhere. */
export const redirect = z.strictObject({
  scheme: z.literal("https").optional().describe("The same host and path over https."),
  location: url.optional().describe("This address, whatever was asked for."),
  status: z
    .union(
      [z.literal(301), z.literal(302), z.literal(307), z.literal(308)],
      say("301, 302, 307 or 308", "Choose one of them."),
    )
    .default(302)
    .describe("Status code."),
});

/** A header that a request must have. */
export const headerMatch = z.strictObject({
  name: headerName.describe("Name of the header."),
  value: headerValue.optional().describe("Its whole value; any when left out."),
});

/** What becomes of requests of a kind; all conditions must be met. */
export const requestRule = z.strictObject({
  path: pathPrefix.optional().describe("Beginning of the path."),
  host: virtualHost.optional().describe("Host that was asked for, without port."),
  header: headerMatch.optional().describe("Header that the request has."),
  realServers: z.array(serviceRealServer).optional().describe("Real servers that answer."),
  redirect: redirect.optional().describe("Answer that sends the client elsewhere."),
});

/** Who answers when no real server can. */
export const proxySorryServer = z.strictObject({
  address: hostAddress.describe("Its address."),
  port: port.optional().describe("Its port; the service's own when left out."),
});

/** A virtual service of a proxy. */
export const proxyService = z.strictObject({
  vip: hostAddress
    .optional()
    .describe(
      "One of the cluster's VIPs, without prefix length; left out where there are none: then every address of the proxy.",
    ),
  port: port.describe("Port of the service."),
  protocol: z.literal("tcp").default("tcp").describe("Protocol of the service."),
  mode: z
    .enum(["tcp", "http"])
    .default("tcp")
    .describe("`tcp` passes bytes on, `http` understands requests and spreads them one by one."),
  scheduler: z.enum(proxySchedulers).default("wlc").describe("How real servers are chosen, in the words of IPVS."),
  check: check.optional().describe("Health check; tcp when left out."),
  sorryServer: proxySorryServer.optional().describe("Answers in the pool's stead while no real server can."),
  realServers: z
    .array(serviceRealServer)
    .optional()
    .describe("Real servers of this service; the whole pool when left out."),
  tls: tls.optional().describe("Ends TLS here; none when left out."),
  proxyProtocol: proxyProtocol.prefault({}).describe("PROXY protocol, so that the client's address is kept."),
  forwardedFor: z
    .boolean()
    .optional()
    .describe("Real servers find the client's address in X-Forwarded-For; true when left out, with mode http."),
  requestHeaders: z.record(headerName, headerValue).default({}).describe("Headers that requests get (mode http)."),
  responseHeaders: z.record(headerName, headerValue).default({}).describe("Headers that answers get (mode http)."),
  rules: z
    .array(requestRule)
    .default([])
    .describe(
      "Requests of some kind go elsewhere (mode http): the first rule that fits counts, else the pool answers.",
    ),
  idleTimeout: whole(1, 86400, "seconds")
    .default(300)
    .describe("Seconds without a byte after which a connection ends."),
});

/** A virtual service of a proxy. */
export type ProxyService = z.infer<typeof proxyService>;
/** What becomes of requests of a kind. */
export type RequestRule = z.infer<typeof requestRule>;
