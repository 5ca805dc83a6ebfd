import type { Cluster, Service } from "../spec/index.js";
import { byPriority, priorityIn } from "./order.js";
import { serviceCheck } from "./pool.js";

/** Seconds that a VRRP backup waits beyond 3 intervals, so that the highest priority is first (RFC 3768, 6.1). */
function skew(priority: number, advertInterval: number): number {
  return ((256 - priority) / 256) * advertInterval;
}

/** Seconds of silence after which a director takes the VIPs (RFC 3768, Master_Down_Interval). */
function masterDown(priority: number, advertInterval: number): number {
  return 3 * advertInterval + skew(priority, advertInterval);
}

/**
 * Longest time without a VIP after the master died, in seconds: the next director's 3 × advertisement interval + skew,
 * and 1 for the address and the gratuitous ARP. Undefined where there is no next director.
 */
export function failoverBound(cluster: Cluster): number | undefined {
  const next = byPriority(cluster)[1];
  return next && cluster.vrrp && masterDown(next.priority, cluster.vrrp.advertInterval) + 1;
}

/** Seconds within which the slowest check of all has come to a result. */
export function slowestCheck(cluster: Cluster): number {
  return Math.max(0, ...cluster.services.map((service) => checkSeconds(cluster, service)));
}

/** Seconds for a check to see a change for good: warm-up, every attempt with its pause, and the next round. */
function checkSeconds(cluster: Cluster, service: Service): number {
  const check = serviceCheck(cluster, service);
  if (!("delayLoop" in check)) return 0;
  const { delayLoop, retry, delayBeforeRetry, warmup = delayLoop } = check;
  const attempt = check.type === "script" ? check.timeout : check.connectTimeout;
  return warmup + (retry + 1) * attempt + retry * delayBeforeRetry + delayLoop;
}

/** Seconds for a daemon to start and read its configuration. */
export const startSeconds = 5;

/**
 * Seconds within which a healthy cluster has settled: the lowest director takes the VIPs and gives them to the highest,
 * then the slowest check has seen every real server.
 */
export function settleSeconds(cluster: Cluster): number {
  const checks = slowestCheck(cluster);
  if (cluster.vrrp === undefined) return startSeconds + checks;
  const { advertInterval, preemptDelay = 0 } = cluster.vrrp;
  const instances = [cluster.vrrp.instance, ...cluster.vrrp.instances.map(({ name }) => name)];
  const priorities = instances.flatMap((name) =>
    cluster.directors.map((director) => priorityIn(cluster, name, director)),
  );
  const lowest = masterDown(Math.min(...priorities), advertInterval);
  const highest = masterDown(Math.max(...priorities), advertInterval);
  return Math.ceil(startSeconds + lowest + preemptDelay + highest + checks);
}
