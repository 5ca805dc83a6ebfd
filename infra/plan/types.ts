import type { NetworkBackendName, NetworkChoice } from "../spec/index.js";

/** A file of a host. `content` may hold `${secret:name}` placeholders, filled in on the way to the host. */
export interface FileWant {
  content: string;
  /** Octal, four digits: "0644". */
  mode: string;
  owner: string;
  group: string;
}

/** A file of a host before it is rendered: what its template is filled with. */
export interface FileTemplate {
  /** Below `templates/`, without `.hbs`; the file's own path when left out. */
  template?: string;
  context: Readonly<Record<string, unknown>>;
  mode: string;
  owner: string;
  group: string;
}

/** An address beside the ones that the host's own network set-up gives, keyed by `<dev> <address>/<prefix>`. */
export interface AddressWant {
  /** `ip address` label, at most 15 characters, `<dev>:<n>`; none when left out. */
  label?: string;
  /** `ip address` scope; `global` when left out. */
  scope?: "global" | "link" | "host";
}

/** A route, keyed by its destination (`default`, `10.0.0.0/24`, `192.0.2.1/32`). */
export interface RouteWant {
  via?: string;
  dev?: string;
  src?: string;
  metric?: number;
}

/** A network device that a module brings, as `tunl0`, keyed by its name. */
export interface LinkWant {
  up: boolean;
}

/** State of a systemd unit, keyed by its full name (`keepalived.service`). */
export interface UnitWant {
  enabled: boolean;
  active: boolean;
  /** Files of the host that the unit reads at its start only: it is restarted when one of them changes. */
  restartOn?: string[];
}

/** The manager of a host's network: who brings up at boot what is set up there. */
export interface FoundNetwork {
  backend: NetworkBackendName;
  /** Under what name it has an interface, where that is not the interface's own. */
  names?: Readonly<Record<string, string>>;
}

/** What has to come up at boot beside the live state, and by whom. */
export interface NetworkPlan extends Omit<FoundNetwork, "backend"> {
  backend: NetworkChoice;
  /** Interfaces that the manager must have set up itself, by name, in order. */
  interfaces: string[];
  /** Name of the cluster, for the files' origin. */
  cluster: string;
  /** End of the files' names, before their type; not empty where another layer may set up the same host. */
  suffix: string;
  /** Interfaces with addresses that keepalived owns, and no manager may take away. */
  floating: string[];
  /** Firewall rules that nothing else keeps. */
  rules: string[];
}

/** What a host is: everything but the virtual services. Keys are ordered, so that diffs are small. */
export interface HostPlan<File = FileWant> {
  packages: Record<string, "installed">;
  modules: Record<string, "loaded">;
  /** Left out where there is none, as `rules`: a host without them does not change with this toolkit's version. */
  links?: Record<string, LinkWant>;
  /** Runtime values; persisted by a file in `files`. */
  sysctls: Record<string, string>;
  files: Record<string, File>;
  /** Firewall rules in iptables' words: `iptables nat POSTROUTING -m ipvs … -j SNAT …`. */
  rules?: Record<string, "present">;
  addresses: Record<string, AddressWant>;
  routes: Record<string, RouteWant>;
  units: Record<string, UnitWant>;
  /** Left out where units of our own do it, or nothing is to be done. With `detect` it is in `files` and `units` once the host was asked. */
  network?: NetworkPlan;
}

/** One entry of a real server in the kernel's table, keyed by `<address>:<port>` ([v6]:port). */
export interface TableRealServer {
  forwarding: "nat" | "dr" | "tun";
  weight: number;
  /** ipvsadm's own words for a tunnel other than IPIP: `--tun-type gue --tun-port 5555 --tun-nocsum`. */
  tunnel?: string;
}

/** One virtual service in the kernel's table, keyed as `tcp 192.0.2.1:80`, `udp [2001:db8::1]:53` `fwmark 7` or `fwmark 7 inet6`. */
export interface TableService {
  scheduler: string;
  /** Scheduler flags in ipvsadm's words, sorted: `["sh-fallback", "sh-port"]`. */
  flags?: string[];
  /** Persistence timeout in seconds; none when left out. */
  persistenceTimeout?: number;
  /** Persistence granularity, an IPv4 netmask or an IPv6 prefix length; none when left out. */
  persistenceGranularity?: string;
  /** One-packet scheduling. */
  onePacket?: boolean;
  /** A real server that fails stays, with weight 0. */
  inhibitOnFailure?: boolean;
  /** What stands in the table alone while there is no quorum. */
  sorryServer?: Record<string, TableRealServer>;
  realServers: Record<string, TableRealServer>;
}

/** The kernel's IPVS table. */
export type Table = Record<string, TableService>;

/** Who fills the kernel's table: keepalived, or `lvs-table.service` once and for all. */
export type Daemon = "keepalived" | "ipvsadm";

/** What a director serves. */
export interface DirectorPlan<File = FileWant> {
  daemon: Daemon;
  /** What the daemon reads. */
  files: Record<string, File>;
  /** Virtual services with every real server that is in the pool; unhealthy ones may be missing from the kernel. */
  table: Table;
  /** VIPs as `<dev> <address>/<prefix>`: never left behind by a dead keepalived. */
  vips: string[];
  change: ChangePlan;
}

/** A real server of a proxy, in one pool of its configuration. */
export interface PooledServer {
  /** `192.0.2.1:80`. */
  endpoint: string;
  /** 0 for one that takes nobody new. */
  weight: number;
}

/** Those who answer requests of one kind. */
export interface ProxyPool {
  /** Name in the proxy's configuration. */
  name: string;
  /** By name. */
  realServers: Record<string, PooledServer>;
  /** Endpoint of who answers while no real server can. */
  sorryServer?: string;
}

/** A service of a proxy. */
export interface ProxiedService {
  mode: "tcp" | "http";
  scheduler: string;
  /** Where it listens: `192.0.2.1:80`, `0.0.0.0:80`. */
  listen: string[];
  /** False where nobody asks real servers whether they answer. */
  checked: boolean;
  pool: ProxyPool;
  /** Pools of rules, by the rule's number in the order of the stack file. */
  rules: Record<number, ProxyPool>;
}

/** What a director's proxy serves: everything of the proxy itself, from its package to its configuration. */
export interface ProxyServing<File = FileWant> {
  engine: "nginx" | "haproxy";
  packages: Record<string, "installed">;
  /** What the proxy and its unit read. */
  files: Record<string, File>;
  /** Where it must listen: `192.0.2.1:80`, `[2001:db8::1]:80`; `0.0.0.0:80` for every address. */
  listen: string[];
  /** What its configuration says in few words, by `tcp 192.0.2.1:80` or `tcp *:80`. */
  services: Record<string, ProxiedService>;
}

/** How a change is made; nothing of it is on the host. */
export interface ChangePlan {
  /** Real servers' names by address, for a person who waits. */
  names: Record<string, string>;
  /** Seconds that the connections of a real server which leaves have to end. */
  drainSeconds: number;
  /** Seconds within which a real server that comes must have been found healthy. */
  checkSeconds: number;
}

/** What must be true of the whole cluster, looked at from all sides. */
export interface VerificationPlan {
  daemon: Daemon;
  /**
   * VIPs, and what moves with them, as `<dev> <address>/<prefix>`: the director that must hold each once all of them
   * run; none with nopreempt, where any of them may.
   */
  holders: Record<string, { director?: string }>;
  /** Names, in order of priority. */
  directors: string[];
  /** Who speaks for the VIPs, and how often (seconds); none without keepalived. */
  vrrp?: { ids: number[]; advertInterval: number };
  table: Table;
  /** With proxies: what each of them serves. */
  proxy?: Pick<ProxyServing, "engine" | "services">;
  /** For each real server: the addresses, routes and sysctls that must be live. */
  realServers: Record<
    string,
    { addresses: string[]; routes?: Record<string, RouteWant>; sysctls: Record<string, string> }
  >;
  /**
   * Requests a client can make: `http://192.0.2.1:80/` or `tcp://192.0.2.1:25`, with the service in the table and the
   * names that may answer.
   */
  requests: { url: string; service: string; realServers: string[] }[];
  /** Seconds within which a healthy cluster must have settled: derived from checks and VRRP timers. */
  settleSeconds: number;
  /** Longest time without a VIP after the master died: 3 × advertisement interval + skew + 1; none with one director. */
  failoverBoundSeconds?: number;
}

/** The desired state of a whole cluster, host by host. */
export interface ClusterPlan<File = FileWant> {
  /** Keyed by host name; directors and real servers. */
  hosts: Record<string, HostPlan<File>>;
  directors: Record<string, DirectorPlan<File>>;
  /** What the directors' proxies serve, where they run one. */
  proxies?: Record<string, ProxyServing<File>>;
  verification: VerificationPlan;
}

/** What was seen of the cluster from all sides, at the last `up` that changed something. */
export interface Evidence {
  /** When it was seen, ISO 8601 in UTC by the clock of the computer that looked; none in states of older versions. */
  at?: string;
  /** Which director holds each VIP. */
  vipHolders: Record<string, string>;
  /** The kernel's IPVS table of each director, as ipvsadm rules. */
  tables: Record<string, string[]>;
  /** What each real server has live. */
  realServers: Record<string, string[]>;
  /** For each request through a VIP: how many were answered, and which real servers took new connections. */
  requests: Record<string, { sent: number; answered: number; connections: Record<string, number> }>;
}
