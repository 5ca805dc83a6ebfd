import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseProxy, SpecError, type Proxy, type ProxyInput } from "../../../infra/spec/index.js";
import { caseOne, cases, changed, type Change } from "../spec/case-1.js";

/** A pair of proxies, as a stack file has it, a new copy each time. */
export function proxyPair(): ProxyInput {
  return cases("proxy.json");
}

/** LVS in front of proxies, a new copy each time. */
export function twoLayers() {
  const { vips, vrrp, services, directors, ...pool } = proxyPair();
  void [vips, services];
  const front = {
    ...caseOne().cluster,
    vrrp: { ...vrrp, virtualRouterId: 7 },
    directors: [{ name: "lvs-a", address: "192.168.184.21", interface: "ens32" }],
    realServers: { layer: "proxies" },
  };
  return { front, proxies: { ...pool, directors, services: [{ port: 80 }] } };
}

/** A checked cluster of proxies; the problems are thrown. */
export function checkedProxy(input: unknown): Proxy {
  const result = parseProxy(input);
  if ("problems" in result) throw new SpecError(result.problems);
  return result.proxy;
}

const pairs: Record<number, { certificate: string; privateKey: string }> = {};

/** A certificate for www.example.com that is made for this run, with its key of so many bits. */
export function certificate(bits = 2048): { certificate: string; privateKey: string } {
  let pair = pairs[bits];
  if (pair === undefined) {
    const folder = mkdtempSync(join(tmpdir(), "lvs-cert-"));
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const words = `req -x509 -newkey rsa:${bits} -nodes -days 30 -subj /CN=www.example.com -keyout`;
    execFileSync("openssl", [...words.split(" "), key, "-out", cert], { stdio: "ignore" });
    pair = pairs[bits] = { certificate: readFileSync(cert, "utf8"), privateKey: readFileSync(key, "utf8") };
    rmSync(folder, { recursive: true });
  }
  return pair;
}

const vip = "192.168.184.100";
const rules = [
  { path: "/api/v1.0+x~y", realServers: [{ name: "rs2", port: 8080, weight: 3 }] },
  { host: "Static.example.com", header: { name: "X-Beta", value: "a.b (c) *; d=1" }, realServers: [{ name: "rs1" }] },
  { path: "/old/", host: "www.example.com", header: { name: "X-Any" }, redirect: { scheme: "https", status: 301 } },
  { path: "/far/", redirect: { location: "https://www.example.com/new?a=b&c=d" } },
];

const common: Record<string, Change> = {
  "a pair": {},
  "a service of bytes": { set: { "/services/0/mode": "tcp" } },
  "a pool without VIPs": { unset: ["/vips", "/vrrp", "/services/0/vip"] },
  "a pool without VIPs, of bytes": { unset: ["/vips", "/vrrp", "/services/0/vip", "/services/0/mode"] },
  "rules, headers and a redirect": {
    set: {
      "/services/0/rules": rules,
      "/services/0/requestHeaders": { "X-Forwarded-Host": "www.example.com", "X-A": "b; c" },
      "/services/0/responseHeaders": { "Strict-Transport-Security": "max-age=63072000; includeSubDomains" },
      "/services/0/scheduler": "wlc",
    },
  },
  "a very long host": {
    set: { "/services/0/rules": [{ host: `${"a".repeat(250)}.org`, redirect: { scheme: "https" } }] },
  },
  "hosts that are called as the words of a map": {
    set: {
      "/services/0/rules": ["default", "include", "volatile", "hostnames"].map((host) => ({
        host,
        realServers: [{ name: "rs2" }],
      })),
    },
  },
  "the longest names: of a VIP, of headers, of a rule": {
    set: {
      "/vips/0": { address: "2001:db8:1111:2222:3333:4444:5555:6666/64" },
      "/services/0/vip": "2001:db8:1111:2222:3333:4444:5555:6666",
      "/services/0/port": 65535,
      "/services/0/rules": Array.from({ length: 60 }, (_, index) => ({
        header: { name: `X-${"a".repeat(61)}`, value: String(index) },
        realServers: [{ name: "rs2" }],
      })),
      "/services/0/requestHeaders": { [`X-${"b".repeat(61)}`]: "a" },
      "/services/0/responseHeaders": { [`X-${"c".repeat(61)}`]: "a" },
    },
  },
  "300 real servers": {
    set: {
      "/realServers": Array.from({ length: 300 }, (_, index) => ({
        name: `rs${index}`,
        address: `192.168.${185 + Math.floor(index / 200)}.${1 + (index % 200)}`,
        interface: "ens32",
      })),
    },
  },
  "a passive check of answers, a sorry server, weights": {
    set: {
      "/services/0/check": { type: "http", connectTimeout: 2, retry: 1, delayBeforeRetry: 1, delayLoop: 2 },
      "/services/0/sorryServer": { address: "192.168.184.99", port: 8080 },
      "/services/0/scheduler": "wrr",
      "/realServers/0/weight": 0,
      "/realServers/1/weight": 7,
    },
  },
  "no check": { set: { "/services/0/check": { type: "none" } } },
  "PROXY protocol from the layer before": {
    set: { "/services/0/proxyProtocol": { acceptFrom: ["192.168.184.0/24", "10.0.0.1/32"] } },
  },
  "PROXY protocol from 100 networks": {
    set: {
      "/services/0/proxyProtocol": {
        acceptFrom: Array.from({ length: 100 }, (_, index) => `10.0.${index}.0/24`),
      },
    },
  },
  "a header's value that looks like an option, and a host that is called as our sorry server": {
    set: {
      "/services/0/rules": [{ header: { name: "X-A", value: "-f" }, realServers: [{ name: "rs2" }] }],
      "/services/0/sorryServer": { address: "192.168.184.99" },
      "/realServers/0/name": "sorry-server",
    },
  },
  "PROXY protocol to the real servers": {
    set: { "/services/0/mode": "tcp", "/services/0/proxyProtocol": { send: "v1" } },
  },
  "every scheduler": {
    set: Object.fromEntries(
      ["rr", "wrr", "lc", "wlc", "sh", "mh", "twos"].map((scheduler, index) => [
        `/services/${index}`,
        { vip, port: 8000 + index, scheduler, mode: index % 2 ? "tcp" : "http" },
      ]),
    ),
  },
  "a real server that drains": { set: { "/realServers/0/drain": true } },
  "an IPv6 VIP in front of IPv4": {
    set: {
      "/vips/-": { address: "2001:db8::100/64" },
      "/services/-": { vip: "2001:db8::100", port: 80, mode: "http" },
      "/services/2": { vip: "2001:db8::100", port: 81 },
    },
  },
};

const ofHaproxy: Record<string, Change> = {
  "every check": {
    set: Object.fromEntries(
      [
        { type: "http", path: "/x?y=1", status: "200-299 301" },
        { type: "http", virtualHost: "www.example.com", port: 8080 },
        { type: "https", virtualHost: "www.example.com" },
        { type: "tcp", port: 81 },
        { type: "smtp", heloName: "director.example.com" },
        { type: "none" },
      ].map((check, index) => [`/services/${index}`, { vip, port: 9000 + index, check }]),
    ),
  },
  "PROXY protocol to the real servers, with requests": { set: { "/services/0/proxyProtocol": { send: "v2" } } },
};

/** Checked clusters of proxies, one for each thing that a configuration can hold. */
export function proxyVariants(engine: Proxy["engine"]): [string, Proxy][] {
  const secure: Record<string, Change> = {
    TLS: {
      set: {
        "/services/0/tls": certificate(),
        "/services/-": { vip, port: 8443, mode: "tcp", tls: { ...certificate(), minVersion: "TLSv1.3" } },
      },
    },
  };
  const all = { ...common, ...secure, ...(engine === "haproxy" && ofHaproxy) };
  return Object.entries(all).map(([title, change]) => [
    title,
    checkedProxy({ ...changed(proxyPair(), change), engine }),
  ]);
}
