import { z } from "zod";
import { note } from "./note.js";
import { say } from "./problem.js";
import { commandWord, filePath, hexBytes, port, urlPath, userName, virtualHost, whole } from "./words.js";

const rounds = {
  delayLoop: whole(1, 86400, "seconds")
    .default(6)
    .meta(note("Seconds between two checks.", { becomes: "`delay_loop`; nginx: `fail_timeout`; haproxy: `inter`" })),
  retry: whole(0, 100)
    .default(3)
    .meta(
      note("Further attempts before a real server is taken out.", {
        becomes: "`retry`; one more: nginx: `max_fails`; haproxy: `fall`",
      }),
    ),
  delayBeforeRetry: whole(1, 3600, "seconds")
    .default(3)
    .meta(note("Seconds between two attempts.", { becomes: "`delay_before_retry`; haproxy: `fastinter`" })),
  warmup: whole(0, 3600, "seconds")
    .optional()
    .meta(
      note("The first check comes within so many seconds, at random.", { becomes: "`warmup`", unset: "`delayLoop`" }),
    ),
};

const timing = {
  ...rounds,
  connectTimeout: whole(1, 3600, "seconds")
    .default(3)
    .meta(
      note("Seconds to wait for a connection and an answer.", {
        becomes: "`connect_timeout`; nginx: `proxy_connect_timeout`; haproxy: `timeout check`, `timeout connect`",
      }),
    ),
};

const connect = {
  ...timing,
  port: port.optional().meta(
    note("Port to check. Must be given for a service with `mark` or port 0.", {
      becomes: "`connect_port`; haproxy: `check port`",
      unset: "the real server's own in this service",
    }),
  ),
};

const statusRule = say(
  "a status code from 100 to 599, or at most 100 codes and ranges",
  'Write it as 200 or "200-299 301".',
);

/** Of two numbers of three digits the second is less: in its first digit, or after one or two that are the same. */
const falls = [
  ["", ""],
  ["(\\d)", "\\1"],
  ["(\\d\\d)", "\\2"],
].map(([same, again], index) => {
  const rest = "\\d".repeat(2 - index);
  return `${same}(?:${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => `${digit}${rest}-${again}[0-${digit - 1}]`).join("|")})`;
});
/** keepalived leaves out a range that falls. */
const rising = new RegExp(`^(?!(?:.* )?(?:${falls.join("|")}))`);

const page = {
  path: urlPath.default("/").meta(note("Path to get.", { becomes: "`path`; haproxy: `http-check send`" })),
  status: z
    .union(
      [
        z.int(statusRule).min(100, statusRule).max(599, statusRule),
        z
          .string(statusRule)
          .regex(/^[1-5]\d\d(-[1-5]\d\d)?( [1-5]\d\d(-[1-5]\d\d)?){0,99}$/, statusRule)
          .regex(rising, say("ranges of status codes that rise", "Write it as 200-299.")),
      ],
      statusRule,
    )
    .default(200)
    .meta(
      note('Status code that means healthy; or codes and ranges, as `"200-299 301"`.', {
        becomes: "`status_code`; haproxy: `http-check expect status`",
      }),
    ),
  digest: z
    .string(say("an MD5 digest", "Make it with genhash(1)."))
    .regex(/^[0-9a-f]{32}$/, say("an MD5 digest of 32 hexadecimal digits", "Make it with genhash(1)."))
    .optional()
    .meta(note("MD5 digest that the page must have, as genhash(1) makes it.", { becomes: "`digest`" })),
  virtualHost: virtualHost.optional().meta(
    note("Host header; under `https` also the name in the handshake.", {
      becomes: "`virtualhost`, `enable_sni`; haproxy: `hdr Host`, `check-sni`",
      unset: "the real server's address",
    }),
  ),
  ...connect,
};

/** The field that tells checks apart. */
function kind<T extends string>(type: T) {
  return z.literal(type).describe("Kind of check.");
}

/** Looks whether the port accepts a connection. */
export const tcpCheck = z
  .strictObject({ type: kind("tcp"), ...connect })
  .register(
    z.globalRegistry,
    note("The port accepts a connection.", { becomes: "`TCP_CHECK`; nginx: `max_fails`; haproxy: `check`" }),
  );

/** Looks whether an HTTP GET is answered with the wanted status. */
export const httpCheck = z.strictObject({ type: kind("http"), ...page }).meta(
  note("A GET is answered with the wanted status.", {
    becomes: "`HTTP_GET`; nginx: `proxy_next_upstream`; haproxy: `option httpchk`",
  }),
);

/** As http, over TLS; the certificate is not looked at. */
export const httpsCheck = z.strictObject({ type: kind("https"), ...page }).meta(
  note("The same over TLS; the certificate is not looked at.", {
    becomes: "`SSL_GET`; haproxy: `option httpchk`, `check-ssl`",
  }),
);

/** Looks whether the host answers an echo request. */
export const icmpCheck = z
  .strictObject({ type: kind("icmp"), ...timing })
  .register(
    z.globalRegistry,
    note("The host answers an echo request. That says nothing about the service.", { becomes: "`PING_CHECK`" }),
  );

/** Sends a datagram; without `reply` only an ICMP error means that the service is down. */
export const udpCheck = z
  .strictObject({
    type: kind("udp"),
    payload: hexBytes
      .optional()
      .meta(note("Bytes to send, in hexadecimal.", { becomes: "`payload`", unset: "random ones" })),
    reply: z
      .union([z.boolean(), hexBytes], say("true, false or bytes in hexadecimal", "Write true, or the bytes as 0a1b."))
      .default(false)
      .meta(
        note(
          "`true`: an answer must come; or the bytes in hexadecimal with which it must begin. `false`: only an ICMP error means that the service is down.",
          { becomes: "`require_reply`" },
        ),
      ),
    ...connect,
  })
  .register(
    z.globalRegistry,
    note("A datagram is answered, or at least not refused: see `reply`.", { becomes: "`UDP_CHECK`" }),
  );

/** Looks whether a name server answers. */
export const dnsCheck = z
  .strictObject({
    type: kind("dns"),
    queryType: z
      .enum(["A", "AAAA", "CNAME", "MX", "NS", "SOA", "TXT"])
      .default("SOA")
      .meta(note("Type of the query.", { becomes: "`type`" })),
    queryName: z
      .string(say("a domain name", "Write it as example.com, or . for the root."))
      .regex(
        /^(?=.{1,253}$)(\.|[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?)$/,
        say("a domain name", "Write it as example.com, or . for the root."),
      )
      .default(".")
      .meta(note("Name of the query.", { becomes: "`name`" })),
    ...connect,
  })
  .register(z.globalRegistry, note("A name server answers the query.", { becomes: "`DNS_CHECK`" }));

/** Looks whether a mail server greets and takes HELO. */
export const smtpCheck = z
  .strictObject({
    type: kind("smtp"),
    heloName: virtualHost
      .optional()
      .meta(
        note("Name in HELO.", { becomes: "`helo_name`; haproxy: `option smtpchk HELO`", unset: "the director's own" }),
      ),
    ...connect,
  })
  .register(
    z.globalRegistry,
    note("A mail server greets and takes HELO.", { becomes: "`SMTP_CHECK`; haproxy: `option smtpchk`" }),
  );

/** Runs a program on the director: exit status 0 means healthy, 1 that it is not. */
export const scriptCheck = z
  .strictObject({
    type: kind("script"),
    path: filePath.meta(
      note("Program on the director, which can come with `files` of the directors.", { becomes: "`misc_path`" }),
    ),
    arguments: z
      .array(commandWord)
      .default([])
      .meta(
        note(
          "Its arguments; address, port and name of the real server follow them. With the program at most 800 characters.",
          { becomes: "`misc_path`" },
        ),
      ),
    user: userName.meta(
      note("User that runs it: keepalived runs no script as root that others may write.", { becomes: "`user`" }),
    ),
    timeout: whole(1, 3600, "seconds")
      .default(5)
      .meta(note("Seconds after which it counts as failed.", { becomes: "`misc_timeout`" })),
    dynamic: z
      .boolean()
      .default(false)
      .meta(note("Exit status 2 to 255 sets the weight to the status minus 2.", { becomes: "`misc_dynamic`" })),
    ...rounds,
  })
  .register(
    z.globalRegistry,
    note("A program on the director ends with exit status 0; 1 means that it is not.", { becomes: "`MISC_CHECK`" }),
  );

/** Looks into `/run/lvs-<real server>` on the director: a number other than 0 takes the real server out. */
export const fileCheck = z
  .strictObject({ type: kind("file") })
  .register(
    z.globalRegistry,
    note(
      "`/run/lvs-<real server>` on the director holds 0. Any other number takes the real server out. The file is there from keepalived's start.",
      { becomes: "`FILE_CHECK`, `track_file`" },
    ),
  );

/** No check: the real server is always in the pool. */
export const noCheck = z
  .strictObject({ type: kind("none") })
  .register(
    z.globalRegistry,
    note("Always: the real server is in the pool.", { becomes: "no check; nginx: `max_fails=0`" }),
  );

/** How directors find out whether a real server can serve. */
export const check = z
  .discriminatedUnion("type", [
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
  ])
  .register(z.globalRegistry, { name: "check" });

/** A health check. */
export type Check = z.infer<typeof check>;

/** The check of a service: its own, or the one that fits its protocol; none where no keepalived runs it. */
export function checkOf(service: { check?: Check | undefined; protocol: string }, keepalived: boolean): Check {
  if (!keepalived) return { type: "none" };
  return service.check ?? check.parse({ type: service.protocol === "tcp" ? "tcp" : "icmp" });
}
