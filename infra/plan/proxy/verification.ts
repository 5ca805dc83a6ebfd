import type { Cluster, Proxy } from "../../spec/index.js";
import { endpoint } from "../keys.js";
import { byPriority } from "../order.js";
import { startSeconds } from "../timing.js";
import type { VerificationPlan } from "../types.js";
import { verificationPlan } from "../verification.js";
import { look } from "./directors.js";
import { proxiedServices, serviceViews, type ServiceView } from "./service.js";

/** What must be true of a cluster of proxies; `cluster` is the part of it that keepalived knows. */
export function proxyVerification(proxy: Proxy, cluster: Cluster): VerificationPlan {
  const views = serviceViews(proxy);
  const usual = verificationPlan(cluster, {});
  return {
    ...usual,
    proxy: {
      engine: proxy.engine,
      services: proxiedServices(views),
    },
    requests: views.flatMap((view) =>
      urlsOf(proxy, view).map((url) => ({ url, service: view.key, realServers: answering(view) })),
    ),
    // Where keepalived begins with a proxy that does not answer yet, it waits for some good answers first.
    settleSeconds: usual.settleSeconds + startSeconds + look.rise * look.interval + slowest(views),
  };
}

/** Who may answer; nobody is expected where a rule may send the request elsewhere. */
function answering({ pool, rules }: ServiceView): string[] {
  if (rules.length > 0) return [];
  return pool.servers.filter(({ weight }) => weight !== 0).map(({ name }) => name);
}

/** None for a service that takes connections from other proxies only: a client cannot say what it expects. */
function urlsOf(proxy: Proxy, { spec, check }: ServiceView): string[] {
  if (spec.proxyProtocol.acceptFrom !== undefined) return [];
  const places = spec.vip === undefined ? byPriority(proxy).map(({ address }) => address) : [spec.vip];
  const path = check.type === "http" || check.type === "https" ? check.path : "/";
  return places.map((address) => {
    const place = endpoint(address, spec.port);
    if (spec.mode === "http") return `${spec.tls ? "https" : "http"}://${place}${path}`;
    return `tcp://${place}`;
  });
}

/** Seconds for the slowest check to see a change for good. */
function slowest(views: ServiceView[]): number {
  return Math.max(
    ...views.map(({ check }) =>
      "delayLoop" in check && "connectTimeout" in check
        ? 2 * check.delayLoop + (check.retry + 1) * check.connectTimeout + check.retry * check.delayBeforeRetry
        : 0,
    ),
  );
}
