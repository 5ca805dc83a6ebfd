import type { Check, Proxy } from "../../spec/index.js";
import { template, type FileDraft } from "../part.js";
import { certificatePath, poolsOf, serviceViews, type NumberedRule, type ServiceView } from "./service.js";

/** haproxy's words for the schedulers of IPVS. */
const balances: Readonly<Record<string, string[]>> = {
  rr: ["balance roundrobin"],
  wrr: ["balance roundrobin"],
  lc: ["balance leastconn"],
  wlc: ["balance leastconn"],
  sh: ["balance source", "hash-type map-based"],
  mh: ["balance source", "hash-type consistent"],
  twos: ["balance random(2)"],
};

/** haproxy's whole configuration. */
export function haproxyFile(proxy: Proxy): FileDraft {
  return template("0644", {
    cluster: proxy.name,
    drainTimeout: proxy.drainTimeout,
    maxConnections: proxy.maxConnections,
    allConnections: proxy.maxConnections * proxy.services.length + 100,
    healthPort: proxy.vrrp && proxy.healthPort,
    services: serviceViews(proxy).map(serviceContext),
  });
}

function serviceContext(view: ServiceView) {
  const { spec, check, id } = view;
  const { tls, proxyProtocol } = spec;
  const http = spec.mode === "http";
  const bind = [
    ...(proxyProtocol.acceptFrom ? ["accept-proxy"] : []),
    ...(tls ? [`ssl crt ${certificatePath(view)} ssl-min-ver ${tls.minVersion}`] : []),
    ...(tls && http ? ["alpn h2,http/1.1"] : []),
  ];
  return {
    id,
    key: view.key,
    mode: spec.mode,
    binds: view.listen.map((place) => [place, ...(place.startsWith("[::]") ? ["v6only"] : []), ...bind].join(" ")),
    trusted: [...(proxyProtocol.acceptFrom ?? [])].sort(),
    idleTimeout: spec.idleTimeout,
    connectTimeout: "connectTimeout" in check ? check.connectTimeout : 3,
    frontend: http ? [...ruleLines(view.rules), ...headerLines(view)] : [],
    pools: poolsOf(view).map(({ name, servers, sorry }) => {
      const send = proxyProtocol.send === undefined ? "" : proxyProtocol.send === "v1" ? "send-proxy" : "send-proxy-v2";
      const line = (...words: string[]) => words.filter((each) => each !== "").join(" ");
      return {
        name,
        lines: [...balances[spec.scheduler]!, ...(http ? again : []), ...checkLines(check)],
        servers: [
          ...servers.map(({ name: server, endpoint, weight }) =>
            line(server, endpoint, weight === undefined ? "" : `weight ${weight}`, checkWords(check), send),
          ),
          // Not checked, as keepalived does not: it need not have the page that real servers are asked for. No host has such a name.
          ...(sorry === undefined ? [] : [line("sorry_server", sorry, "backup", send)]),
        ],
      };
    }),
    rules: view.rules.flatMap(({ number, pool }) => (pool ? [{ name: pool.name, number }] : [])),
  };
}

/** A real server that stops hangs up on who has just come to it. As nginx does: RFC 9110 9.2.2 tells what does no harm twice. */
const again = [
  "# Another real server is asked when one hangs up without an answer, unless that could do harm twice.",
  "retry-on conn-failure empty-response",
  "http-request disable-l7-retry if !{ method GET HEAD PUT DELETE OPTIONS TRACE }",
];

/** Finds the first rule that fits; redirects are answered at once. */
function ruleLines(rules: readonly NumberedRule[]): string[] {
  const found = rules.map(({ number, rule: { path, host, header } }) => {
    const conditions = [
      ...(number > 1 ? ["!{ var(txn.rule) -m found }"] : []),
      ...(path === undefined ? [] : [`{ path,url_dec -m beg '${path}' }`]),
      ...(host === undefined ? [] : [`{ req.hdr(host),field(1,:),lower -m str ${host.toLowerCase()} }`]),
      ...(header === undefined
        ? []
        : [
            header.value === undefined
              ? `{ req.hdr(${header.name}) -m found }`
              : `{ req.fhdr(${header.name}) -m str -- '${header.value}' }`,
          ]),
    ];
    return `http-request set-var(txn.rule) int(${number}) if ${conditions.join(" ")}`;
  });
  const redirects = rules.flatMap(({ number, rule: { redirect } }) => {
    if (redirect === undefined) return [];
    const target = redirect.location === undefined ? "scheme https" : `location ${redirect.location}`;
    return [`http-request redirect ${target} code ${redirect.status} if { var(txn.rule) -m int ${number} }`];
  });
  return [...found, ...redirects];
}

/** A client's own word on its address is not passed on. */
function headerLines({ spec }: ServiceView): string[] {
  const set = (verb: string, record: Readonly<Record<string, string>>) =>
    Object.entries(record)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${verb} set-header ${name} '${value}'`);
  return [
    ...(spec.forwardedFor === false
      ? []
      : [
          "http-request set-header X-Forwarded-For %[src]",
          `http-request set-header X-Forwarded-Proto ${spec.tls ? "https" : "http"}`,
        ]),
    ...set("http-request", spec.requestHeaders),
    // Also to answers that it gives itself: redirects and errors.
    ...set("http-after-response", spec.responseHeaders),
  ];
}

/** How a backend asks, beside whether a connection can be made. */
function checkLines(check: Check): string[] {
  switch (check.type) {
    case "http":
    case "https": {
      const host = check.virtualHost === undefined ? "" : ` ver HTTP/1.1 hdr Host ${check.virtualHost}`;
      return [
        `timeout check ${check.connectTimeout}s`,
        "option httpchk",
        `http-check send meth GET uri ${check.path}${host}`,
        `http-check expect status ${String(check.status).replaceAll(" ", ",")}`,
      ];
    }
    case "smtp":
      return [`timeout check ${check.connectTimeout}s`, `option smtpchk HELO ${check.heloName ?? "localhost"}`];
    default:
      return "connectTimeout" in check ? [`timeout check ${check.connectTimeout}s`] : [];
  }
}

/** A server's words for its check: rounds, and how many failures in a row take it out. */
function checkWords(check: Check): string {
  if (check.type === "none" || !("retry" in check)) return "";
  const delayLoop = "delayLoop" in check ? check.delayLoop : 6;
  const port = "port" in check && check.port !== undefined ? ` port ${check.port}` : "";
  const sni = check.type === "https" && check.virtualHost !== undefined ? ` check-sni ${check.virtualHost}` : "";
  const ssl = check.type === "https" ? ` check-ssl verify none${sni}` : "";
  return `check${port}${ssl} inter ${delayLoop}s fastinter ${check.delayBeforeRetry}s fall ${check.retry + 1} rise 1`;
}
