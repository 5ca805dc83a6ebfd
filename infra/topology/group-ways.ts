import { addressOf, natural } from "../spec/index.js";
import { heldIn, type Facts } from "./hosts.js";
import type { LayerFacts, Served } from "./layer.js";
import type { Column, End, Way } from "./model.js";
import type { NetHost, Network } from "./network.js";
import { legsOf, type Handover, type Leg } from "./ways.js";

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
  const behind = new Set(facts.layers.map((layer) => layer.behind));
  for (const layer of facts.layers.filter(({ name }) => !behind.has(name)))
    for (const { vip, handovers } of exchangesOf(facts, layer))
      for (const client of clients) {
        const { legs, losses } = legsOf(network, { client: hosts.get(client)!, vip, handovers });
        legs.forEach(add);
        for (const { who, what } of losses) lost.set(what, (lost.get(what) ?? new Set()).add(who));
      }
  const notes = [...lost].map(([what, who]) => what.replace("…", () => listed([...who].sort(natural))));
  for (const { from, to } of ways.values()) for (const end of [from, to]) end.hosts.sort(natural);
  const ordered = [...ways].sort(([a, one], [b, other]) => one.step - other.step || natural(a, b));
  return { ways: ordered.map(([, way]) => way), notes: notes.sort(natural) };
}

/** Every way through a layer and those behind it. */
function exchangesOf(facts: Facts, layer: LayerFacts): { vip: string; handovers: Handover[] }[] {
  const held = heldIn(layer);
  return layer.exchanges.flatMap(({ vip = "", members }) => {
    const holder = held.find(({ address }) => addressOf(address) === vip)?.holder ?? "";
    return handoversOf(facts, layer, holder, members).map((handovers) => ({ vip, handovers }));
  });
}

function handoversOf(facts: Facts, layer: LayerFacts, director: string, members: readonly Served[]): Handover[][] {
  const address = layer.cluster.directors.find(({ name }) => name === director)?.address ?? "";
  const lip = heldIn(layer).find(({ kind }) => kind === "lip")?.address;
  const next = facts.layers.find(({ name }) => name === layer.behind);
  return members.flatMap((server) => {
    const handover = { director: { name: director, address }, server, lip: lip && addressOf(lip) };
    if (next === undefined) return [[handover]];
    const further = next.exchanges.flatMap((each) => handoversOf(facts, next, server.name, each.members));
    return further.map((rest) => [handover, ...rest]);
  });
}

/** The first few of many names. */
function listed(names: readonly string[]): string {
  const few = names.length > 4 ? names.slice(0, 3) : names;
  return [...few, ...(few.length < names.length ? [`${names.length - few.length} more`] : [])].join(", ");
}
