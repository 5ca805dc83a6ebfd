import { floatingAddresses } from "../plan/index.js";
import { addressOf, natural, widthOf, type HostSpec, type Lab } from "../spec/index.js";
import type { LayerFacts } from "./layer.js";
import type { NetHost, NetRoute } from "./network.js";

/** Everything that the parts of a picture are made from. */
export interface Facts {
  /** The one that clients come to first. */
  layers: LayerFacts[];
  lab?: Lab | undefined;
}

/** An address that moves between directors, with the one that holds it when all of them run. */
export interface Held {
  address: string;
  dev: string;
  kind: "vip" | "dip" | "lip";
  holder: string;
}

/** Who holds each VIP, the DIP and the LIPs of a layer; where any director may (`nopreempt`) the first stands for them. */
export function heldIn({ cluster, plan }: LayerFacts): Held[] {
  const [first = ""] = plan.verification.directors;
  return cluster.directors.flatMap((director) =>
    floatingAddresses(cluster, director)
      .map(({ address, dev, kind }) => ({
        address,
        dev,
        kind,
        holder: plan.verification.holders[`${dev} ${address}`]?.director ?? first,
      }))
      .filter(({ holder }) => holder === director.name),
  );
}

/** The same of all layers. */
export function heldAddresses({ layers }: Facts): Held[] {
  return layers.flatMap(heldIn);
}

/** All hosts that the layers name, each once. */
export function specsOf({ layers }: Facts): Map<string, HostSpec> {
  const all = layers.flatMap(({ cluster, realServers }) => [...cluster.routers, ...cluster.directors, ...realServers]);
  return new Map(all.reverse().map((spec) => [spec.name, spec]));
}

/** Names of those who ask: lab machines that no layer sets up, else the client of its verification. */
export function clientNames(facts: Facts): string[] {
  const ours = specsOf(facts);
  const machines = Object.keys(facts.lab?.machines ?? {}).filter((name) => !ours.has(name));
  if (machines.length > 0) return machines.sort(natural);
  return [facts.layers[0]?.cluster.verification?.client ?? "clients"];
}

/** A host with its addresses and routes: the lab's, those of the plans, and what it holds of the moving ones. */
export function netHost(facts: Facts, name: string, spec?: HostSpec): NetHost {
  const machine = facts.lab?.machines[name];
  const planned = facts.layers.flatMap(({ plan }) => plan.hosts[name] ?? []);
  const own =
    machine !== undefined
      ? Object.entries(machine.interfaces).flatMap(([dev, plug]) => plug.addresses.map((cidr) => ({ dev, cidr })))
      : [spec?.address, spec?.address6].flatMap((address) =>
          address === undefined || spec === undefined
            ? []
            : [{ dev: spec.interface, cidr: `${address}/${widthOf(address)}` }],
        );
  const held = heldAddresses(facts)
    .filter(({ holder }) => holder === name)
    .map(({ dev, address }) => ({ dev, cidr: address }));
  const further = planned.flatMap(({ addresses }) =>
    Object.keys(addresses).map((key) => {
      const [dev = "", cidr = ""] = key.split(" ");
      return { dev, cidr };
    }),
  );
  const routes = planned.flatMap((plan) =>
    Object.entries(plan.routes).map(([to, { via, dev }]): NetRoute => ({
      to: to === "default6" ? "default" : to,
      via,
      dev,
    })),
  );
  return { name, addresses: distinct([...own, ...held, ...further]), routes: [...routes, ...(machine?.routes ?? [])] };
}

/** Clients without a lab may have any address. */
export function anyClient(name: string): NetHost {
  return {
    name,
    addresses: [
      { dev: "", cidr: "0.0.0.0/32" },
      { dev: "", cidr: "::/128" },
    ],
    routes: [],
  };
}

function distinct(addresses: NetHost["addresses"]): NetHost["addresses"] {
  const seen = new Set<string>();
  return addresses.filter(({ dev, cidr }) => {
    const key = `${dev} ${addressOf(cidr)}`;
    return !seen.has(key) && seen.add(key);
  });
}
