import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configurationOf } from "../../../infra/provider/director/inputs.js";
import { planProxy } from "../../../infra/render/index.js";
import { proxySight } from "../../../infra/provider/proxy/sight.js";
import type { Sight } from "../../../infra/status/look.js";
import type { KnownCluster } from "../../../infra/status/state.js";
import { printed } from "../linux/case-files.js";
import { checkedProxy, proxyPair } from "../plan/proxy-variants.js";
import { changed } from "../spec/case-1.js";
import { BACKUP, MASTER, NOW, pair, seen } from "./pair.js";

export type Engine = "nginx" | "haproxy";

/** A pair of proxies with a rule, weights and a sorry server, as a stack file has it. */
export function statusProxy(engine: Engine) {
  const service = {
    vip: "192.168.184.100",
    port: 80,
    mode: "http",
    scheduler: "wrr",
    check: { type: "tcp", connectTimeout: 2, retry: 1, delayBeforeRetry: 1, delayLoop: 2 },
    realServers: [{ name: "rs1", weight: 3 }, { name: "rs2" }],
    sorryServer: { address: "192.168.184.99", port: 8080 },
    rules: [{ path: "/api/", realServers: [{ name: "rs2", port: 8080 }] }],
  };
  return { ...changed(proxyPair(), { set: { "/maxConnections": 500, "/services/0": service } }), engine };
}

const plan = (engine: Engine) => planProxy(checkedProxy(statusProxy(engine)));

/** That pair, as the last `up` left it. */
export function proxied(engine: Engine): KnownCluster {
  const { proxies, directors } = plan(engine);
  return {
    ...pair,
    names: {},
    directors: pair.directors.map(({ name, vips }) => ({
      name,
      daemon: "keepalived",
      vips,
      configuration: configurationOf(directors[name]!),
      table: {},
      proxy: { engine, services: proxies![name]!.services },
    })),
  };
}

const LISTENS = "listen 127.0.0.1:8064\nlisten 192.168.184.100:80\n";

/** What a director prints of its proxy. */
export interface ProxyDump {
  /** haproxy: a recorded `show stat`; undefined where its socket gives nothing. */
  stats?: "well" | "down" | "sorry" | undefined;
  /** nginx: its configuration. */
  conf?: string;
  /** nginx: endpoints, in alphabetical order, that take no connection (counted from 1). */
  refusing?: number[];
  dead?: boolean;
  listens?: string;
}

/** What nginx reads after the last `up`. */
export const nginxConf = (): string => plan("nginx").proxies!["director-a"]!.files["/etc/nginx/nginx.conf"]!.content;

/** A director of such a pair that was reached. */
export function seenProxy(engine: Engine, vrrp: typeof MASTER, dump: ProxyDump = {}) {
  const { dead = false, listens = LISTENS, refusing = [], conf = nginxConf() } = dump;
  const state = dead ? "listen 127.0.0.1:22\n" : `main 7\nworker 9\n${listens}`;
  const { steps, parse } = proxySight({ engine, services: plan(engine).proxies!["director-a"]!.services });
  const stats = "stats" in dump ? dump.stats : "well";
  const csv =
    stats === undefined ? "" : readFileSync(join(__dirname, `../../cases/status/haproxy-${stats}.csv`), "utf8");
  // Endpoints in the order of the alphabet: rs1:80, rs2:80, rs2:8080, the sorry server; then where nginx listens.
  const tried = [1, 2, 3, 4].map((at) => `${refusing.includes(at) ? "no" : "yes"} ${at}\n`).join("");
  const outputs = engine === "haproxy" ? [state, csv] : [state, conf, "2\n1\n0\n0\n3\n", tried];
  const results = printed(steps, outputs);
  // Nobody answers on the socket.
  if (engine === "haproxy" && (stats === undefined || dead)) results[1]!.code = 69;
  const { director, ...sight } = seen(vrrp);
  const { held, daemon } = director;
  return { ...sight, director: { held, daemon, table: {}, traffic: { services: {} }, proxy: parse(results) } };
}

/** All hosts of such a pair well, but for those that are given. */
export function proxySights(engine: Engine, others: Record<string, Sight | undefined> = {}) {
  const well = { at: NOW, drift: [] };
  const directors = { "director-a": seenProxy(engine, MASTER), "director-b": seenProxy(engine, BACKUP) };
  return { ...directors, rs1: well, rs2: well, ...others } as Record<string, Sight | undefined>;
}
