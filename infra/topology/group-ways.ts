import { membersOf } from "../plan/index.js";
import { addressOf, natural } from "../spec/index.js";
import { heldAddresses, methodName, type Facts } from "./hosts.js";
import type { Column, End, Way } from "./model.js";
import type { NetHost, Network } from "./network.js";
import { legsOf, type Leg } from "./ways.js";

/** The legs of every exchange between groups, each once. */
export function waysOf(
  facts: Facts,
  network: Network,
  hosts: ReadonlyMap<string, NetHost>,
  columns: readonly Column[],
  clients: readonly string[],
): { ways: Way[]; notes: string[] } {
  const groups = new Map(
    columns.flatMap(({ groups: all }) =>
      all.flatMap(({ id, hosts: own }) => own.map(({ name }) => [name, id] as const)),
    ),
  );
  const held = heldAddresses(facts);
  const lip = held.find(({ kind }) => kind === "lip")?.address;
  const ways = new Map<string, Way>();
  const lost = new Map<string, Set<string>>();
  const add = (leg: Leg) => {
    const [from, to] = [leg.from, leg.to].map((name): End => ({ group: groups.get(name) ?? name, hosts: [name] }));
    const key = JSON.stringify([leg.kind, leg.step, from!.group, to!.group, leg.packet, leg.how, leg.segment]);
    const way = ways.get(key);
    if (way === undefined) {
      const remarks = [leg.how, leg.segment && `on ${leg.segment}`].flatMap((text) => text ?? []);
      ways.set(key, { kind: leg.kind, step: leg.step, from: from!, to: to!, packet: leg.packet, remarks });
      return;
    }
    if (!way.from.hosts.includes(leg.from)) way.from.hosts.push(leg.from);
    if (!way.to.hosts.includes(leg.to)) way.to.hosts.push(leg.to);
  };
  for (const client of clients)
    for (const service of facts.cluster.services)
      for (const member of membersOf(facts.cluster, service)) {
        const server = facts.cluster.realServers.find(({ name }) => name === member.name)!;
        const { legs, losses } = legsOf(network, {
          client: hosts.get(client)!,
          vip: service.vip,
          director: held.find(({ address }) => addressOf(address) === service.vip)?.holder ?? "",
          server: { name: member.name, address: member.address, method: methodName(facts.cluster, server) },
          lip: lip && addressOf(lip),
        });
        legs.forEach(add);
        for (const { who, what } of losses) lost.set(what, (lost.get(what) ?? new Set()).add(who));
      }
  const notes = [...lost].map(([what, who]) => what.replace("…", () => listed([...who].sort(natural))));
  for (const { from, to } of ways.values()) for (const end of [from, to]) end.hosts.sort(natural);
  const ordered = [...ways].sort(([a, one], [b, other]) => one.step - other.step || natural(a, b));
  return { ways: ordered.map(([, way]) => way), notes: notes.sort(natural) };
}

/** The first few of many names. */
function listed(names: readonly string[]): string {
  const few = names.length > 4 ? names.slice(0, 3) : names;
  return [...few, ...(few.length < names.length ? [`${names.length - few.length} more`] : [])].join(", ");
}
