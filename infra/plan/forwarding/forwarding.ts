import type { Cluster, Director, RealServer } from "../../spec/index.js";
import type { HostPart } from "../part.js";
import { dr } from "./dr.js";

/** What a forwarding method wants of each role. */
export interface Forwarding {
  /** keepalived's word for `lvs_method`. */
  lvsMethod: "NAT" | "DR" | "TUN";
  director(cluster: Cluster, director: Director): HostPart;
  realServer(cluster: Cluster, server: RealServer): HostPart;
}

const methods: Readonly<Record<Cluster["forwarding"], Forwarding>> = { dr };

/** The cluster's forwarding method. */
export function forwardingOf(cluster: Cluster): Forwarding {
  return methods[cluster.forwarding];
}
