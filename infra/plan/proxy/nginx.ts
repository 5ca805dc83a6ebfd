import type { Proxy } from "../../spec/index.js";
import { template, type FileDraft } from "../part.js";
import { certificatePath, poolsOf, serviceViews, type Pool, type ServiceView } from "./service.js";

/** nginx's words for the schedulers of IPVS; weighted round robin is what it does without a word. */
const balances: Readonly<Record<string, string>> = {
  lc: "least_conn",
  wlc: "least_conn",
  sh: "hash $remote_addr",
  mh: "hash $remote_addr consistent",
  twos: "random two least_conn",
};

/** nginx's whole configuration. */
export function nginxFile(proxy: Proxy): FileDraft {
  const views = serviceViews(proxy);
  const of = (mode: "http" | "tcp") => views.filter(({ spec }) => spec.mode === mode).map(serviceContext);
  return template("0644", {
    cluster: proxy.name,
    drainTimeout: proxy.drainTimeout,
    // Each client's connection has another one to a real server.
    connections: proxy.maxConnections * 2,
    // Only keepalived asks there.
    healthPort: proxy.vrrp && proxy.healthPort,
    any: proxy.vrrp !== undefined || of("http").length > 0,
    http: of("http"),
    stream: of("tcp"),
  });
}

function serviceContext(view: ServiceView) {
  const { spec, check, id, key } = view;
  const { tls, proxyProtocol } = spec;
  const words = [...(tls ? ["ssl"] : []), ...(proxyProtocol.acceptFrom ? ["proxy_protocol"] : [])];
  const given = Object.keys(spec.requestHeaders).map((name) => name.toLowerCase());
  const has = (name: string) => given.includes(name);
  return {
    key,
    listen: view.listen.map((place) =>
      [place, ...(spec.mode === "http" && tls ? [...words, "http2"] : words)].join(" "),
    ),
    pools: poolsOf(view).map((pool) => poolContext(view, pool)),
    tls: tls && {
      certificate: certificatePath(view),
      protocols: tls.minVersion === "TLSv1.3" ? "TLSv1.3" : "TLSv1.2 TLSv1.3",
    },
    trusted: [...(proxyProtocol.acceptFrom ?? [])].sort(),
    // A header that stands twice is sent twice: the user's own takes the place of ours.
    host: !has("host"),
    forwardedFor: spec.forwardedFor !== false && !has("x-forwarded-for"),
    scheme: spec.forwardedFor !== false && !has("x-forwarded-proto") && (tls ? "https" : "http"),
    requestHeaders: headers(spec.requestHeaders),
    responseHeaders: headers(spec.responseHeaders),
    sends: proxyProtocol.send !== undefined,
    connectTimeout: "connectTimeout" in check ? check.connectTimeout : 3,
    idleTimeout: spec.idleTimeout,
    // What counts as a failure is also what sends the request on to the next real server.
    nextOn: check.type === "http" ? "error timeout http_500 http_502 http_503 http_504" : "error timeout",
    pool: view.rules.length > 0 ? `$${id}_pool` : view.pool.name,
    choices: view.rules.length > 0 && choicesOf(view),
    redirects: view.rules.flatMap(({ number, rule: { redirect } }) =>
      redirect
        ? [
            {
              choice: `$${id}_rule`,
              number,
              status: redirect.status,
              to: redirect.location ?? "https://$host$request_uri",
            },
          ]
        : [],
    ),
  };
}

function poolContext({ spec, check }: ServiceView, { name, servers, sorry }: Pool) {
  const passive =
    check.type === "none" || !("retry" in check)
      ? " max_fails=0"
      : ` max_fails=${check.retry + 1} fail_timeout=${"delayLoop" in check ? check.delayLoop : 6}s`;
  const lines = servers.map((server) => {
    const weight = server.weight === undefined ? "" : server.weight === 0 ? " down" : ` weight=${server.weight}`;
    return { server: `${server.endpoint}${weight}${passive}`, name: server.name };
  });
  return {
    name,
    balance: balances[spec.scheduler],
    // A real server takes about 1 KiB there (measured with 1.22: 128 KiB hold 100 and not 150).
    zone: Math.max(128, 2 * servers.length),
    servers: [...lines, ...(sorry === undefined ? [] : [{ server: `${sorry} backup`, name: "sorry server" }])],
  };
}

function headers(record: Readonly<Record<string, string>>) {
  return Object.entries(record)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Maps by which nginx finds the first rule that fits: one for each condition, one for each rule, then the choice. Texts are
 * regular expressions: `default` and `include`, which a host may be called, are words of a map.
 */
function choicesOf({ id, rules, pool }: ServiceView) {
  const conditions = rules.flatMap(({ number, rule: { path, host, header } }) => [
    ...(path === undefined ? [] : [map(`${id}_rule${number}_path`, "$uri", `"~^${escape(path)}"`)]),
    ...(host === undefined ? [] : [map(`${id}_rule${number}_host`, "$host", `"~^${escape(host.toLowerCase())}$"`)]),
    ...(header === undefined
      ? []
      : [
          map(
            `${id}_rule${number}_header`,
            `$http_${header.name.toLowerCase().replaceAll("-", "_")}`,
            header.value === undefined ? '"~."' : `"~^${escape(header.value)}$"`,
          ),
        ]),
  ]);
  const whole = rules.map(({ number }) => {
    const own = conditions.filter(({ name }) => name.startsWith(`${id}_rule${number}_`));
    return map(`${id}_fits${number}`, `"${own.map(({ name }) => `$${name}`).join("")}"`, "1".repeat(own.length));
  });
  return {
    conditions: [...conditions, ...whole],
    rule: `${id}_rule`,
    fits: whole.map(({ name }) => `$${name}`).join(""),
    numbers: rules.map(({ number }) => ({ pattern: `~^${"0".repeat(number - 1)}1`, number })),
    pool: `${id}_pool`,
    usual: pool.name,
    pools: rules.flatMap((rule) => (rule.pool ? [{ number: rule.number, name: rule.pool.name }] : [])),
  };
}

function map(name: string, source: string, pattern: string) {
  return { name, source, pattern };
}

/** A text as a regular expression that fits only it. */
function escape(text: string): string {
  return text.replaceAll(/[.+*?()|~^$]/g, (character) => (character === "~" ? character : `\\${character}`));
}
