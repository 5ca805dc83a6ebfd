import type { Query } from "./noun.js";
import { lines, script } from "./script.js";

/** Who advertises on the wires of a host. */
export interface Advertisements {
  /** False where the host has nothing to listen with. */
  heard: boolean;
  /** The host's own addresses. */
  own: string[];
  /** Others' advertisements: source address and virtual router id. */
  others: { source: string; virtualRouterId: number }[];
}

/** Listens for some seconds to the VRRP advertisements that reach a host. */
export function advertisements(seconds: number): Query<Advertisements> {
  return {
    steps: [script("listen-vrrp", [String(seconds)], { accept: [69], timeoutSeconds: seconds + 20 })],
    parse: ([result]) => {
      const rows = lines(result!.stdout).map((line) => line.split(" ") as [string, string]);
      return {
        heard: result!.code === 0,
        own: rows.filter(([word]) => word === "own").map(([, address]) => address),
        others: rows
          .filter(([word]) => word !== "own")
          .map(([source, id]) => ({ source, virtualRouterId: Number(id) })),
      };
    },
  };
}
