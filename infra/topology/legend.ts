import { natural, networkOf, parseCidr } from "../spec/index.js";
import type { Facts } from "./hosts.js";
import type { Segment, Way } from "./model.js";

/** The lab's segments with their networks; of a segment that names none, those of the addresses on it. */
export function segmentsOf({ lab }: Facts): Segment[] {
  return Object.entries(lab?.segments ?? {}).map(([name, { subnets }]) => {
    const plugs = Object.values(lab?.machines ?? {}).flatMap(({ interfaces }) => Object.values(interfaces));
    const addresses = plugs.filter(({ segment }) => segment === name).flatMap((plug) => plug.addresses);
    const networks = addresses.map((text) => networkOf(parseCidr(text)!));
    return { name, subnets: subnets ?? [...new Set(networks)].sort(natural) };
  });
}

const WORDS: Readonly<Record<string, string>> = {
  CIP: "address of the client",
  VIP: "virtual address, which clients ask",
  DIP: "address of the director",
  PIP: "address of the proxy",
  RIP: "address of a real server",
  LIP: "local address of the director",
};

/** What the words are that a picture uses. */
export function wordsOf({ layers }: Facts, ways: readonly Way[]): Record<string, string> {
  const text = ways.map(({ packet, remarks }) => [packet, ...remarks].join(" ")).join(" ");
  const said = (word: string) =>
    text.includes(word) || (word === "DIP" && layers.some(({ cluster }) => cluster.dip !== undefined));
  return Object.fromEntries(Object.entries(WORDS).filter(([word]) => said(word)));
}
