import { canonicalAddress, endpoint } from "./canonical.js";

/** A line of a keepalived.conf. */
interface Place {
  raw: string;
  /** Without comment; empty for what is no setting: a brace, a comment, an empty line. */
  line: string;
  /** Names of the blocks around it, the outer one first: `vrrp_instance VI_1`, `virtual_ipaddress`. */
  blocks: string[];
}

function* places(content: string): Generator<Place> {
  const blocks: string[] = [];
  for (const raw of content.split("\n")) {
    const line = raw.replace(/(^|\s)[#!].*$/, "").trim();
    const brace = line === "}" || line.endsWith("{");
    if (line === "}") blocks.pop();
    else if (brace) blocks.push(line.slice(0, -1).trim());
    yield { raw, line: brace ? "" : line, blocks: [...blocks] };
  }
}

/** What one VRRP instance says. */
interface Instance {
  name: string;
  /** Of `virtual_ipaddress` and `virtual_ipaddress_excluded`, without prefix length. */
  addresses: string[];
  /** What peers must have in common: another one is not listened to, and then both are masters. */
  shared: string[];
  /** What a running instance shows again. */
  own: string[];
}

function instancesOf(content: string): Instance[] {
  const instances = new Map<string, Instance>();
  for (const { line, blocks } of places(content)) {
    const [outer = "", inner = ""] = blocks;
    const name = /^vrrp_instance (\S+)$/.exec(outer)?.[1];
    if (name === undefined || line === "") continue;
    const instance = instances.get(name) ?? { name, addresses: [], shared: [], own: [] };
    instances.set(name, instance);
    const [word = "", value = ""] = line.split(/\s+/);
    if (["virtual_router_id", "advert_int", "priority"].includes(word)) instance.own.push(`${word} ${value}`);
    if (["virtual_router_id", "advert_int", "auth_type", "auth_pass"].includes(word))
      instance.shared.push(`${word} ${value}`);
    else if (inner === "unicast_peer") instance.shared.push("unicast");
    else if (inner === "virtual_ipaddress" || inner === "virtual_ipaddress_excluded") {
      const address = canonicalAddress(word.split("/")[0]!);
      instance.addresses.push(address);
      // Excluded ones are in no advertisement.
      if (inner === "virtual_ipaddress") instance.shared.push(address);
    }
  }
  return [...instances.values()];
}

/**
 * What the directors of a pair must have in common, as one text: virtual router ids, advertisement interval, password, VIPs
 * and whether peers are named. A director drops advertisements that say something else (keepalived 2.2.7,
 * `vrrp_check_packet`), and takes the VIPs itself. Holds the password: for comparison only.
 */
export function agreement(content: string): string {
  return instancesOf(content)
    .map(({ shared }) => [...new Set(shared)].sort().join("\n"))
    .sort()
    .join("\n\n");
}

/** Instances that run otherwise than a configuration says: one that was not taken over by a reload. */
export function unapplied(content: string, running: Readonly<Record<string, { settings: string[] }>>): string[] {
  return instancesOf(content).flatMap(({ name, own }) => {
    const missing = own.filter((setting) => running[name]?.settings.includes(setting) !== true);
    return missing.length > 0 ? [`${name} runs without ${missing.join(", ")}`] : [];
  });
}

/** The addresses that each VRRP instance of a configuration has while it is master, without prefix length. */
export function floating(content: string): Record<string, string[]> {
  return Object.fromEntries(instancesOf(content).map(({ name, addresses }) => [name, addresses]));
}

/** Tells of each line in which virtual service and real server it stands, in the words of the kernel's table. */
class Reader {
  private head = "";
  private protocol = "tcp";
  private family = "";

  /** `["tcp 192.0.2.1:80", "192.0.2.11:80"]`; lines must come in order, since the protocol has its own. */
  at({ line, blocks }: Place): [service: string, realServer: string] | undefined {
    const [outer = "", inner = ""] = blocks;
    const head = /^virtual_server (.*)$/.exec(outer)?.[1];
    if (head === undefined) return undefined;
    if (head !== this.head) [this.head, this.protocol, this.family] = [head, "tcp", ""];
    const [word, value = ""] = line.split(/\s+/);
    if (inner === "" && word === "protocol") this.protocol = value.toLowerCase();
    if (inner === "" && word === "ip_family") this.family = value === "inet6" ? " inet6" : "";
    const [, address, port] = /^real_server (\S+) (\d+)$/.exec(inner) ?? [];
    if (address === undefined || port === undefined) return undefined;
    const mark = /^fwmark (\d+)$/.exec(head)?.[1];
    const [vip = "", vport = "0"] = head.split(/\s+/);
    const service = mark === undefined ? `${this.protocol} ${endpoint(vip, vport)}` : `fwmark ${mark}${this.family}`;
    return [service, endpoint(address, port)];
  }
}

/** The real servers that a configuration lists for each service, both in the words of the kernel's table. */
export function listed(content: string): Record<string, string[]> {
  return realServersIn(content, () => true);
}

/** Those of them that have a check; one without is taken for healthy for ever. */
export function checked(content: string): Record<string, string[]> {
  return realServersIn(content, ({ blocks }) => /_(CHECK|GET)$/.test(blocks[2] ?? ""));
}

function realServersIn(content: string, counts: (place: Place) => boolean): Record<string, string[]> {
  const services: Record<string, Set<string>> = {};
  const reader = new Reader();
  for (const place of places(content)) {
    const [service, realServer] = reader.at(place) ?? [];
    if (service === undefined || realServer === undefined || !counts(place)) continue;
    (services[service] ??= new Set()).add(realServer);
  }
  return Object.fromEntries(Object.entries(services).map(([service, list]) => [service, [...list]]));
}

/** A rendered configuration in which some real servers have weight 0: checked, and without a connection. */
export function waiting(content: string, arriving: Readonly<Record<string, string[]>>): string {
  const reader = new Reader();
  const held = new Map(Object.entries(arriving).map(([service, list]) => [service, new Set(list)]));
  return [...places(content)]
    .map((place) => {
      const [service = "", realServer = ""] = reader.at(place) ?? [];
      const own = place.blocks.length === 2 && /^weight \d+$/.test(place.line);
      return own && held.get(service)?.has(realServer) ? place.raw.replace(/\d+$/, "0") : place.raw;
    })
    .join("\n");
}
