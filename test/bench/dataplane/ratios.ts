import { median } from "../summary.js";
import type { Sample } from "./lab.js";

/** One round of one way, between two looks at the real server itself. */
export interface Round {
  way: string;
  round: number;
  before: Sample;
  through: Sample;
  after: Sample;
}

/** The middle, the smallest and the largest of several. */
export interface Spread {
  median: number;
  low: number;
  high: number;
}

/** A figure of a way, and the one of direct requests that it is compared with. */
interface Compared {
  of: (sample: Sample) => number;
  to: (sample: Sample) => number;
}
const same = (of: Compared["of"]): Compared => ({ of, to: of });
/** The director's computing for a request, in all that client and real server compute for a direct one. */
const director = (load: "fresh" | "kept"): Compared => ({
  of: ({ computing }) => computing[load].director,
  to: ({ computing }) => computing[load].all - computing[load].director,
});

const compared = {
  fresh: same(({ fresh }) => fresh),
  kept: same(({ kept }) => kept),
  connect: same(({ connect }) => connect),
  connectP99: same(({ connectP99 }) => connectP99),
  firstByte: same(({ firstByte }) => firstByte),
  firstByteP99: same(({ firstByteP99 }) => firstByteP99),
  directorFresh: director("fresh"),
  directorKept: director("kept"),
};
export type Measure = keyof typeof compared;
export type Figures = Record<Measure, Spread>;

function figures(of: (compared: Compared) => number[]): Figures {
  return Object.fromEntries(
    Object.entries(compared).map(([name, each]) => {
      const values = of(each);
      return [name, { median: median(values), low: Math.min(...values), high: Math.max(...values) }];
    }),
  ) as Figures;
}

/** What one way is to direct requests. */
export interface WayRatios {
  way: string;
  rounds: number;
  ratios: Figures;
}

/** Each way's ratios: of each round to the mean of the looks before and after it, then over all rounds. */
export function compare(rounds: Round[]): WayRatios[] {
  return [...new Set(rounds.map(({ way }) => way))].map((way) => {
    const own = rounds.filter((each) => each.way === way);
    const ratios = figures(({ of, to }) =>
      own.map(({ before, through, after }) => (2 * of(through)) / (to(before) + to(after))),
    );
    return { way, rounds: own.length, ratios };
  });
}

/** What the ratios stand on: direct requests, over all rounds. Rates in requests/s, times in ms, computing in s. */
export function direct(rounds: Round[]): Figures {
  return figures(({ to }) => rounds.flatMap(({ before, after }) => [to(before), to(after)]));
}
