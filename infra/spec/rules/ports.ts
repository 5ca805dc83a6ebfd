import type { Cluster } from "../cluster.js";
import type { Draft } from "../draft.js";
import { valueAt } from "../path.js";
import type { Problem } from "../problem.js";
import type { Service } from "../service.js";
import { show } from "../show.js";
import { duplicates, placed, problem, type Rule } from "./rule.js";

/** A virtual service is told apart by protocol, VIP and port, or by its mark. */
export const uniqueServices: Rule<Cluster> = (cluster) => {
  const services = placed(cluster.services, ["services"]);
  const marks = services.map(({ at, item }) => ({ at: [...at, "mark"], value: item.mark }));
  const flows = services.flatMap(({ at, item }) => flowsOf(item).map((value) => ({ at, value })));
  return [
    ...duplicates("cluster", marks, "a mark that no other service has", "Give each service a mark of its own."),
    ...duplicates(
      "cluster",
      flows,
      "a service of its own VIP, port and protocol",
      "Put the two together, or change the port.",
    ),
  ];
};

/** What a service takes of its VIP: `tcp 192.0.2.1:80`. */
function flowsOf({ vip, port, protocol, mark, ports }: Draft<Service>): string[] {
  if (vip === undefined || protocol === undefined) return [];
  const taken = mark === undefined ? [port] : (ports ?? []);
  return taken.flatMap((each) => (each === undefined ? [] : [`${protocol} ${vip}:${each}`]));
}

/** A service has a port, or a mark with the ports that get it; all ports of a VIP need persistence (ipvsadm(8), -p). */
export const servicePorts: Rule<Cluster> = (cluster, input) =>
  placed(cluster.services, ["services"]).flatMap(({ at, item }): Problem[] => {
    const { port, mark, ports, persistence, protocol } = item;
    const say = (key: string, rule: string, got: string, next: string) => [
      problem("cluster", [...at, key], rule, got, next),
    ];
    if (mark !== undefined) {
      if (port !== undefined) return say("port", "no port beside a mark", show(port), "Put it into ports.");
      if (ports === undefined) return say("ports", "the ports that get the mark", "nothing", "Add ports: [80, 443].");
      return [];
    }
    if (valueAt(input, [...at, "mark"]) !== undefined) return [];
    if (ports !== undefined) return say("ports", "no ports without a mark", show(ports), "Add a mark, or write port.");
    if (port === undefined && valueAt(input, [...at, "port"]) === undefined)
      return say("port", "a port from 0 to 65535, or a mark with ports", "nothing", "Add it.");
    if (port === 0 && persistence === undefined) {
      const rule = "persistence, because port 0 means that a client has one real server for all ports";
      return say("persistence", rule, "nothing", "Add persistence: {timeout: 300}, or name a port.");
    }
    if (port === 0 && protocol === "sctp")
      return say("port", "one port for SCTP", "0", "Name the port, or take a mark with ports.");
    return [];
  });

/** A check that connects needs a port: a service of many ports has none to offer. */
export const checkPorts: Rule<Cluster> = (cluster, input) =>
  placed(cluster.services, ["services"]).flatMap(({ at, item }): Problem[] => {
    if (item.port !== 0 && item.mark === undefined) return [];
    if (item.protocol === undefined || cluster.vrrp === undefined) return [];
    if (item.check === undefined && valueAt(input, [...at, "check"]) !== undefined) return [];
    const type = item.check?.type ?? (item.protocol === "tcp" ? "tcp" : "icmp");
    if (["icmp", "script", "file", "none"].includes(type)) return [];
    if (item.check !== undefined && "port" in item.check && item.check.port !== undefined) return [];
    const rule = `the port to check, because the service has many`;
    const next = `Write check: {type: ${type}, port: 80}.`;
    return [problem("cluster", [...at, "check", "port"], rule, "nothing", next)];
  });
