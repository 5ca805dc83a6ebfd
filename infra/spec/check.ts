import { z } from "zod";
import { say } from "./problem.js";
import { commandWord, filePath, hexBytes, port, urlPath, userName, virtualHost, whole } from "./words.js";

const rounds = {
  delayLoop: whole(1, 86400, "seconds").default(6).describe("Seconds between two checks of a real server."),
  retry: whole(0, 100).default(3).describe("Further attempts before a real server is taken out."),
  delayBeforeRetry: whole(1, 3600, "seconds").default(3).describe("Seconds between two attempts."),
  warmup: whole(0, 3600, "seconds")
    .optional()
    .describe("The first check comes within so many seconds, at random; `delayLoop` when left out."),
};

const timing = {
  ...rounds,
  connectTimeout: whole(1, 3600, "seconds").default(3).describe("Seconds to wait for a connection and an answer."),
};

const connect = {
  ...timing,
  port: port.optional().describe("Port to check; the real server's own in this service when left out."),
};

const statusRule = say(
  "a status code from 100 to 599, or at most 100 codes and ranges",
  'Write it as 200 or "200-299 301".',
);

/** keepalived leaves out the range that does not. */
function risesOnly(text: string): boolean {
  return text.split(" ").every((part) => {
    const [from = "", to = from] = part.split("-");
    return to === "" || from <= to;
  });
}

const page = {
  path: urlPath.default("/").describe("Path to get."),
  status: z
    .union(
      [
        z.int(statusRule).min(100, statusRule).max(599, statusRule),
        z
          .string(statusRule)
          .regex(/^[1-5]\d\d(-[1-5]\d\d)?( [1-5]\d\d(-[1-5]\d\d)?){0,99}$/, statusRule)
          .refine(risesOnly, say("ranges of status codes that rise", "Write it as 200-299.")),
      ],
      statusRule,
    )
    .default(200)
    .describe("Status code, or codes and ranges, that mean healthy."),
  digest: z
    .string(say("an MD5 digest", "Make it with genhash(1)."))
    .regex(/^[0-9a-f]{32}$/, say("an MD5 digest of 32 hexadecimal digits", "Make it with genhash(1)."))
    .optional()
    .describe("MD5 digest that the page must have."),
  virtualHost: virtualHost.optional().describe("Host header; the real server's address when left out."),
  ...connect,
};

/** Looks whether the port accepts a connection. */
export const tcpCheck = z.strictObject({ type: z.literal("tcp"), ...connect });

/** Looks whether an HTTP GET is answered with the wanted status. */
export const httpCheck = z.strictObject({ type: z.literal("http"), ...page });

/** As http, over TLS; the certificate is not looked at. */
export const httpsCheck = z.strictObject({ type: z.literal("https"), ...page });

/** Looks whether the host answers an echo request. */
export const icmpCheck = z.strictObject({ type: z.literal("icmp"), ...timing });

/** Sends a datagram; without `reply` only an ICMP error means that the service is down. */
export const udpCheck = z.strictObject({
  type: z.literal("udp"),
  payload: hexBytes.optional().describe("Bytes to send, in hexadecimal; random ones when left out."),
  reply: z
    .union([z.boolean(), hexBytes], say("true, false or bytes in hexadecimal", "Write true, or the bytes as 0a1b."))
    .default(false)
    .describe("`true`: an answer must come; or the bytes with which it must begin."),
  ...connect,
});

/** Looks whether a name server answers. */
export const dnsCheck = z.strictObject({
  type: z.literal("dns"),
  queryType: z.enum(["A", "AAAA", "CNAME", "MX", "NS", "SOA", "TXT"]).default("SOA").describe("Type of the query."),
  queryName: z
    .string(say("a domain name", "Write it as example.com, or . for the root."))
    .regex(
      /^(?=.{1,253}$)(\.|[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?)$/,
      say("a domain name", "Write it as example.com, or . for the root."),
    )
    .default(".")
    .describe("Name of the query."),
  ...connect,
});

/** Looks whether a mail server greets and takes HELO. */
export const smtpCheck = z.strictObject({
  type: z.literal("smtp"),
  heloName: virtualHost.optional().describe("Name in HELO; the director's own when left out."),
  ...connect,
});

/** Runs a program on the director: exit status 0 means healthy, 1 that it is not. */
export const scriptCheck = z.strictObject({
  type: z.literal("script"),
  path: filePath.describe("Program on the director; it can come with `files` of the directors."),
  arguments: z
    .array(commandWord)
    .default([])
    .describe("Its arguments; address, port and name of the real server follow them."),
  user: userName.describe("User that runs it: keepalived runs no script as root that others may write."),
  timeout: whole(1, 3600, "seconds").default(5).describe("Seconds after which it counts as failed."),
  dynamic: z.boolean().default(false).describe("Exit status 2 to 255 sets the weight to the status minus 2."),
  ...rounds,
});

/** Looks into `/run/lvs-<real server>` on the director: a number other than 0 takes the real server out. */
export const fileCheck = z.strictObject({ type: z.literal("file") });

/** No check: the real server is always in the pool. */
export const noCheck = z.strictObject({ type: z.literal("none") });

/** How directors find out whether a real server can serve. */
export const check = z.discriminatedUnion("type", [
  httpCheck,
  httpsCheck,
  tcpCheck,
  icmpCheck,
  udpCheck,
  dnsCheck,
  smtpCheck,
  scriptCheck,
  fileCheck,
  noCheck,
]);

/** A health check. */
export type Check = z.infer<typeof check>;

/** The check of a service: its own, or the one that fits its protocol; none where no keepalived runs it. */
export function checkOf(service: { check?: Check | undefined; protocol: string }, keepalived: boolean): Check {
  if (!keepalived) return { type: "none" };
  return service.check ?? check.parse({ type: service.protocol === "tcp" ? "tcp" : "icmp" });
}
