import type { StackFile } from "../../lab/support/stack.js";

/** Where the client asks: the service, and the real server itself on a wire that both share. */
export const VIP = "172.30.2.151";
export const REAL_SERVER = "10.9.0.110";
const CLIENT = "172.30.2.50";
const LIP = "172.16.225.230";
const DIRECTOR = "172.16.225.220";

/** A way for requests through the director: how the stack file says it, and what tells that they go it. */
export interface Way {
  name: string;
  /** What of `lvs:cluster` is its own. */
  cluster: object;
  /** What its director has besides. */
  director?: object;
  /** Whom the real server sees as client. */
  seen: string;
  /** A command on the director, and what it must print. */
  look: string;
  shows: RegExp;
}

/** A way by IPVS; `flag` is its forwarding method as `ipvsadm -Sn` has it. */
const kernel = (name: string, flag: string, more: object = {}, seen = CLIENT): Way => ({
  name,
  cluster: { forwarding: name, ...more },
  seen,
  look: "ipvsadm -Sn",
  shows: new RegExp(`^-a -t ${VIP}:80 -r 172\\.16\\.225\\.110:80 -${flag} `, "m"),
});

/** A way by a proxy; mode `tcp` passes bytes on, `http` understands requests. */
const proxy = (engine: "nginx" | "haproxy", mode: "tcp" | "http"): Way => ({
  name: `${engine} ${mode}`,
  cluster: { engine, services: [service({ mode })] },
  seen: DIRECTOR,
  look: `ss -Htlnp src ${VIP}`,
  shows: new RegExp(`${VIP}:80 .*"${engine}"`),
});

/** Its words are those that all ways have. No check, which could take the only real server out under a full load. */
function service(more: object = {}): object {
  return { vip: VIP, port: 80, scheduler: "rr", check: { type: "none" }, ...more };
}

export const ways: readonly Way[] = [
  kernel("dr", "g"),
  kernel("nat", "m", { dip: { address: "172.16.225.222/24", interface: "ens160" } }),
  kernel("tun", "i"),
  {
    ...kernel("fullnat", "m", { lips: { addresses: [`${LIP}/24`], interface: "ens160" } }, LIP),
    // Each connection is tracked for two minutes after its end, and the default of a small machine follows its memory.
    director: { modules: ["nf_conntrack"], sysctls: { "net.netfilter.nf_conntrack_max": "65536" } },
  },
  proxy("haproxy", "tcp"),
  proxy("haproxy", "http"),
  proxy("nginx", "tcp"),
  proxy("nginx", "http"),
];

/**
 * Makes of case 4's stack file the bench's: a director between the client and one real server, so that what differs between
 * two ways is the way alone. Client and real server share the inner wire as well, in a network of their own: there the
 * client asks the real server itself, and there go replies past the director.
 */
export function cluster(way: Way): (file: StackFile) => void {
  return ({ config }) => {
    const { machines, segments } = config["lvs:lab"];
    segments.inside.subnets.push("10.9.0.0/24");
    delete machines["director-b"];
    delete machines.rs2;
    machines.rs1 = {
      interfaces: { ens160: { segment: "inside", addresses: ["172.16.225.110/24", `${REAL_SERVER}/24`] } },
      routes: [{ to: "default", via: "10.9.0.1" }],
    };
    machines.client.interfaces.ens160 = { segment: "inside", addresses: ["10.9.0.1/24"] };
    const { vips, vrrp, directors, realServers, verification } = config["lvs:cluster"];
    config["lvs:cluster"] = {
      ...{
        name: "bench",
        vips,
        vrrp,
        directors: [{ ...directors[0], ...way.director }],
        realServers: [realServers[0]],
        verification,
      },
      ...{ services: [service()], ...way.cluster },
    };
  };
}
