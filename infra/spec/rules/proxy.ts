import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Draft } from "../draft.js";
import { valueAt, type Path } from "../path.js";
import type { Problem } from "../problem.js";
import type { Proxy } from "../proxy.js";
import type { ProxyService } from "../proxy-service.js";
import { suggest } from "../nearest.js";
import { show } from "../show.js";
import { complete, weightsOf } from "./members.js";
import { duplicates, placed, problem, type Rule } from "./rule.js";

/** Adds problems at one place. */
type Say = (keys: Path, rule: string, got: string, next: string) => void;

/** A rule for each service by itself. */
function perService(
  look: (service: Draft<ProxyService>, say: Say, proxy: Draft<Proxy>, given: unknown) => void,
): Rule<Proxy> {
  return (proxy, input) =>
    placed(proxy.services, ["services"]).flatMap(({ at, item }) => {
      const problems: Problem[] = [];
      look(
        item,
        (keys, ...words) => problems.push(problem("cluster", [...at, ...keys], ...words)),
        proxy,
        valueAt(input, at),
      );
      return problems;
    });
}

/** VIPs need VRRP to move; proxies without VIPs stand side by side, and have nothing that moves. */
export const proxyVips: Rule<Proxy> = (proxy, input) => {
  const has = (...path: string[]) => valueAt(input, path) !== undefined;
  const vips = (proxy.vips?.length ?? 0) > 0;
  if (vips && !has("vrrp"))
    return [
      problem(
        "cluster",
        ["vrrp"],
        "vrrp beside vips, because VIPs move between directors",
        "nothing",
        "Add vrrp: {virtualRouterId}, or take vips out.",
      ),
    ];
  if (!vips && has("vrrp") && proxy.vips !== undefined)
    return [problem("cluster", ["vips"], "at least one VIP beside vrrp", "none", "Add one, or take vrrp out.")];
  const problems: Problem[] = [];
  for (const { at, item } of placed(proxy.vrrp?.trackScripts, ["vrrp", "trackScripts"]))
    if (item.name === "lvs_proxy")
      problems.push(
        problem(
          "cluster",
          [...at, "name"],
          "a name that the cluster does not use itself",
          show(item.name),
          "Rename it.",
        ),
      );
  const sync = proxy.vrrp?.connectionSync;
  if (sync !== undefined)
    problems.push(
      problem(
        "cluster",
        ["vrrp", "connectionSync"],
        "none, because a proxy's connections end with it",
        "one",
        "Take it out.",
      ),
    );
  if (has("vrrp")) return problems;
  return placed(proxy.directors, ["directors"]).flatMap(({ at, item }) =>
    item.state === undefined
      ? []
      : [
          problem(
            "cluster",
            [...at, "state"],
            "no state, because without vrrp nothing moves",
            show(item.state),
            "Take it out.",
          ),
        ],
  );
};

/** A service stands on a VIP where there are any, and once. */
export const proxyPlaces: Rule<Proxy> = (proxy, input) => {
  const services = placed(proxy.services, ["services"]);
  const vips = (proxy.vips?.length ?? 0) > 0;
  const missing = services.flatMap(({ at, item }) =>
    vips && item.vip === undefined && valueAt(input, [...at, "vip"]) === undefined
      ? [problem("cluster", [...at, "vip"], "one of the cluster's VIPs", "nothing", "Add it.")]
      : [],
  );
  const flows = services.map(({ at, item }) => ({
    at,
    value: item.port === undefined ? undefined : `${item.vip ?? "every address"}:${item.port}`,
  }));
  const rule = "a service of its own VIP and port";
  return [...missing, ...duplicates("cluster", flows, rule, "Put the two together, or change the port.")];
};

/** What only requests have. */
export const httpOnly = perService((service, say) => {
  if (service.mode !== "tcp") return;
  const rule = "mode http beside it, because tcp knows no requests";
  const next = "Write mode: http, or take it out.";
  if (service.forwardedFor === true)
    say(["forwardedFor"], rule, "true", "Write mode: http, or take proxyProtocol: {send: v1}.");
  for (const key of ["requestHeaders", "responseHeaders"] as const)
    if (Object.keys(service[key] ?? {}).length > 0) say([key], rule, "some", next);
  if ((service.rules ?? []).length > 0) say(["rules"], rule, show(service.rules), next);
});

/** Headers by which a connection is kept apart into messages (RFC 9110, 7.6.1): each end writes its own. */
const framing = ["connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

/** A header has one value, and is not one that the proxy must write itself. */
export const headers = perService((service, say, { engine }) => {
  for (const key of ["requestHeaders", "responseHeaders"] as const) {
    // nginx writes these beside what it is told to.
    const own = engine === "nginx" && key === "responseHeaders" ? [...framing, "date", "server"] : framing;
    const seen: string[] = [];
    for (const name of Object.keys(service[key] ?? {})) {
      const lower = name.toLowerCase();
      if (own.includes(lower))
        say([key, name], `none that ${engine ?? "the proxy"} writes itself`, show(name), "Take it out.");
      if (seen.includes(lower))
        say([key, name], "a header once, whatever its case", show(name), "Take one of them out.");
      seen.push(lower);
    }
  }
});

/** What one of the two proxies cannot do. */
export const engines = perService((service, say, { engine }) => {
  if (engine !== "nginx") return;
  const send = service.proxyProtocol?.send;
  const at = ["proxyProtocol", "send"];
  if (send !== undefined && service.mode === "http")
    say(
      at,
      "none with nginx and mode http, which sends none (ngx_http_proxy_module)",
      show(send),
      "Take it out: forwardedFor tells the client's address; or take haproxy.",
    );
  else if (send === "v2") say(at, "v1 with nginx, which sends no other", show(send), "Write v1, or take haproxy.");
  if (service.sorryServer !== undefined && ["sh", "mh", "twos"].includes(service.scheduler ?? ""))
    say(
      ["sorryServer"],
      `none with nginx and scheduler ${service.scheduler}, which knows no backup (ngx_http_upstream_module)`,
      "one",
      "Take rr, wrr, lc or wlc, or take haproxy.",
    );
});

/** Checks that each proxy can make. haproxy asks by itself; nginx only sees whether a request is answered. */
const checks = { haproxy: ["tcp", "http", "https", "smtp", "none"], nginx: ["tcp", "http", "none"] } as const;

export const proxyChecks = perService((service, say, { engine }) => {
  const { check } = service;
  if (check === undefined || engine === undefined) return;
  const known: readonly string[] = checks[engine];
  if (!known.includes(check.type ?? "tcp")) {
    say(
      ["check", "type"],
      `a check that ${engine} can make: ${known.join(", ")}`,
      show(check.type),
      "Choose one of them, or take LVS, where keepalived checks.",
    );
    return;
  }
  const refuse = (key: string, usual: unknown, why: string) => {
    const value = (check as Record<string, unknown>)[key];
    if (value !== undefined && value !== usual)
      say(["check", key], `none, because ${why}`, show(value), "Take it out.");
  };
  refuse("warmup", undefined, `${engine} has none`);
  refuse("digest", undefined, `${engine} looks at the status only`);
  if (check.type === "https" && service.mode === "http" && !("port" in check && check.port !== undefined))
    say(
      ["check", "type"],
      "http, or a port of its own, in mode http, where real servers are spoken to without TLS",
      show(check.type),
      "Write http, or mode tcp, which passes TLS on.",
    );
  if (engine !== "nginx") return;
  if (check.type === "http" && service.mode !== "http")
    say(["check", "type"], "tcp or none in mode tcp, where nginx sees no answer", show(check.type), "Write tcp.");
  const why = "nginx sends no requests of its own, it looks at the answers to those of clients";
  for (const [key, usual] of [
    ["path", "/"],
    ["status", 200],
    ["virtualHost", undefined],
    ["port", undefined],
  ] as const)
    refuse(key, usual, why);
});

/** haproxy opens a file for each end of a connection, and does not start where it may not open as many (`fs.nr_open`). */
export const capacity: Rule<Proxy> = ({ engine, maxConnections, services }) => {
  const all = (maxConnections ?? 0) * (services?.length ?? 0);
  if (engine !== "haproxy" || all <= 500000) return [];
  const rule = "at most 500000 for all services together, as a process can open a million files";
  return [
    problem("cluster", ["maxConnections"], rule, `${maxConnections} for each of ${services?.length}`, "Take less."),
  ];
};

/** haproxy knows weights up to 256. */
export const proxyWeights: Rule<Proxy> = (proxy) => {
  if (proxy.engine !== "haproxy") return [];
  const members = placed(proxy.services, ["services"]).flatMap(({ at, item }) => [
    ...placed(item.realServers, [...at, "realServers"]),
    ...placed(item.rules, [...at, "rules"]).flatMap(({ at: rule, item: { realServers } }) =>
      placed(realServers, [...rule, "realServers"]),
    ),
  ]);
  return [...placed(proxy.realServers, ["realServers"]), ...members].flatMap(({ at, item }) =>
    (item.weight ?? 0) > 256
      ? [
          problem(
            "cluster",
            [...at, "weight"],
            "at most 256 with haproxy",
            show(item.weight),
            "Scale the weights down.",
          ),
        ]
      : [],
  );
};

/** A rule has a condition and one end, and its real servers are of the pool. */
export const requestRules = perService((service, say, proxy, given) => {
  const known = (proxy.realServers ?? []).flatMap((server) => server?.name ?? []);
  for (const { at, item } of placed(service.rules, ["rules"])) {
    const { realServers, redirect } = item;
    const has = (...keys: string[]) => valueAt(given, [...at, ...keys]) !== undefined;
    if (!has("path") && !has("host") && !has("header"))
      say(
        at,
        "a path, a host or a header to go by",
        "none",
        "Add one: a rule for every request is the service itself.",
      );
    if ((realServers === undefined) === (redirect === undefined))
      say(
        at,
        "either realServers or a redirect",
        realServers === undefined ? "neither" : "both",
        "Say one of the two.",
      );
    for (const { at: place, item: member } of placed(realServers, [...at, "realServers"]))
      if (member.name !== undefined && !known.includes(member.name) && complete(proxy.realServers))
        say([...place, "name"], "a real server of the pool", show(member.name), suggest(member.name, known));
    const twice = placed(realServers, [...at, "realServers"]).filter(({ item: { name } }, index, all) =>
      all.slice(0, index).some((other) => name !== undefined && other.item.name === name),
    );
    for (const { at: place, item: member } of twice)
      say([...place, "name"], "a real server once in a rule", show(member.name), "Take one of them out.");
    const weights = complete(proxy.realServers) ? weightsOf(proxy.realServers ?? [], realServers ?? []) : [];
    if (weights.length > 0 && weights.every((weight) => weight === 0))
      say(
        at,
        "a real server with a weight above 0 that does not drain",
        "none",
        "Name another one, or take the rule out: then the service's own answer.",
      );
    if (redirect !== undefined && has("redirect", "scheme") === has("redirect", "location"))
      say(
        [...at, "redirect"],
        "either scheme or location",
        has("redirect", "scheme") ? "both" : "neither",
        "Say one of the two.",
      );
  }
});

/** What the components put in the place of a key that must not enter a plan. */
export const hiddenKey = "-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----\n";

/** A certificate is of use with its own key only. */
export const keyPairs = perService((service, say) => {
  const { certificate, privateKey } = service.tls ?? {};
  if (certificate === undefined || privateKey === undefined || privateKey === hiddenKey) return;
  const read = <T>(make: () => T): T | undefined => {
    try {
      return make();
    } catch {
      // OpenSSL's words say less than the rule does.
      return undefined;
    }
  };
  const shown = read(() => new X509Certificate(certificate));
  const key = read(() => createPrivateKey(privateKey));
  if (shown === undefined)
    say(
      ["tls", "certificate"],
      "a certificate that can be read",
      "another text",
      "Look at it with `openssl x509 -text`.",
    );
  if (key === undefined)
    say(["tls", "privateKey"], "a private key that can be read", "[secret]", "Look at it with `openssl pkey`.");
  if (shown !== undefined && key !== undefined && !shown.checkPrivateKey(key))
    say(["tls", "privateKey"], "the key of the certificate", "[secret]", "Give the two that belong together.");
});

/** Files that the cluster itself writes on directors that run a proxy. */
const files = [
  "/etc/nginx/nginx.conf",
  "/etc/haproxy/haproxy.cfg",
  "/etc/systemd/system/nginx.service.d/pulumi-lvs.conf",
  "/etc/systemd/system/haproxy.service.d/pulumi-lvs.conf",
  "/usr/local/sbin/lvs-proxy-alive",
  "/var/www/html/index.nginx-debian.html",
  "/etc/sysctl.d/90-pulumi-lvs-proxy.conf",
  "/etc/modules-load.d/pulumi-lvs-proxy.conf",
  "/etc/systemd/system/iptables.service.d/pulumi-lvs-proxy.conf",
  "/etc/systemd/system/ip6tables.service.d/pulumi-lvs-proxy.conf",
  "/etc/systemd/system/nftables.service.d/pulumi-lvs-proxy.conf",
  "/usr/share/netfilter-persistent/plugins.d/90-pulumi-lvs-proxy",
  "/usr/local/sbin/lvs-iptables-rules-proxy",
  "/usr/local/sbin/lvs-nft-rules-proxy",
  "/etc/firewalld/policies/lvs-in-proxy.xml",
  "/etc/firewalld/policies/lvs-fwd-proxy.xml",
];
/** Units that bring things of a director back at boot; their names end so that the same host may be a real server, too. */
const bootUnits = ["lvs-addresses-proxy.service", "lvs-routes-proxy.service", "lvs-rules-proxy.service"];

/** What the cluster itself writes on its directors is not the user's to write as well. */
export const reservedProxyNames: Rule<Proxy> = (proxy) =>
  placed(proxy.directors, ["directors"]).flatMap(({ at, item }) => {
    const rule = "one that the cluster does not keep itself";
    return [
      ...Object.keys(item.files ?? {})
        .filter(
          (path) =>
            files.includes(path) ||
            path.startsWith("/etc/pulumi-lvs/") ||
            bootUnits.some((name) => path === `/etc/systemd/system/${name}`),
        )
        .map((path) => problem("cluster", [...at, "files", path], `a file, ${rule}`, show(path), "Take it out here.")),
      ...Object.keys(item.units ?? {})
        .filter((name) => name === `${proxy.engine}.service` || bootUnits.includes(name))
        .map((name) => problem("cluster", [...at, "units", name], `a unit, ${rule}`, show(name), "Take it out here.")),
    ];
  });
