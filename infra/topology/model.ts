/** What a picture shows, before it has a shape: columns of groups of hosts, and the ways between them. */
export interface Topology {
  title: string;
  subtitle: string;
  /** From the clients to those who serve, left to right; a further layer is a further column. */
  columns: Column[];
  ways: Way[];
  segments: Segment[];
  services: string[];
  /** What the names in the labels of ways stand for, by name. */
  words: Record<string, string>;
  /** Sentences on packets that do not arrive as the stack file stands. */
  notes: string[];
}

/** Hosts of one role. */
export interface Column {
  title: string;
  groups: Group[];
}

/** Hosts that packets reach alike: any of them may be the one. */
export interface Group {
  /** Unique in the picture. */
  id: string;
  title: string;
  hosts: HostView[];
  /** What binds the hosts to each other, as VRRP. */
  bond?: string;
}

/** A host as it is drawn. */
export interface HostView {
  name: string;
  /** What it is among its like: `MASTER 100`, `weight 2`. */
  remark?: string;
  plugs: Plug[];
  /** Further lines: where its default route goes, what it takes over. */
  lines: string[];
}

/** An interface of a host, with what is on it. */
export interface Plug {
  name: string;
  /** Name of the segment; none when nothing tells. */
  segment?: string;
  addresses: TaggedAddress[];
}

/** An address with its prefix length, and what it is for the cluster. */
export interface TaggedAddress {
  tag?: "VIP" | "DIP" | "LIP";
  text: string;
}

/** A network that hosts are plugged into. */
export interface Segment {
  name: string;
  subnets: string[];
}

/** One leg of a request or a reply, from group to group. */
export interface Way {
  kind: "request" | "reply";
  /** Place in the whole way of a packet, from 1 on; replies count on. */
  step: number;
  from: End;
  to: End;
  /** Source and destination of the packet: `CIP → VIP`. */
  packet: string;
  /** What else is to be said of this leg: the segment it crosses, what wraps it. */
  remarks: string[];
}

/** Where a leg begins or ends. */
export interface End {
  group: string;
  hosts: string[];
}
