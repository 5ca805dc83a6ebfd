import type { Cluster, Director, RealServer } from "../../spec/index.js";
import type { HostPart } from "../part.js";
import { dr } from "./dr.js";
import { fullnat } from "./fullnat.js";
import { nat } from "./nat.js";
import { tun } from "./tun.js";

/** What a forwarding method wants of each role. */
export interface Forwarding {
  director(cluster: Cluster, director: Director): HostPart;
  realServer(cluster: Cluster, server: RealServer): HostPart;
}

const methods: Readonly<Record<Cluster["forwarding"], Forwarding>> = { dr, nat, tun, fullnat };

/** What a director needs for the methods that its real servers have, each once. */
export function directorParts(cluster: Cluster, director: Director): HostPart[] {
  const used = new Set(cluster.realServers.map((server) => server.forwarding ?? cluster.forwarding));
  return [...used].sort().map((method) => methods[method].director(cluster, director));
}

/** What a real server needs for its method. */
export function realServerPart(cluster: Cluster, server: RealServer): HostPart {
  return methods[server.forwarding ?? cluster.forwarding].realServer(cluster, server);
}
