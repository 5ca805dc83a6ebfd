import type { Figures, Spread, WayRatios } from "./ratios.js";

/** Markdown: a row for each way with its ratios to direct requests, and what a direct request was on this machine. */
export function table(ways: WayRatios[], direct: Figures): string {
  const head = [
    "way",
    "requests/s, new connections",
    "requests/s, kept connections",
    "connecting, median",
    "connecting, p99",
    "first byte, median",
    "first byte, p99",
    "director computes, new",
    "director computes, kept",
    "rounds",
  ];
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const rows = ways.map(({ way, rounds, ratios }) => [
    way,
    ...[ratios.fresh, ratios.kept, ratios.connect, ratios.connectP99, ratios.firstByte, ratios.firstByteP99].map(cell),
    ...[ratios.directorFresh, ratios.directorKept].map(cell),
    String(rounds),
  ]);
  const { fresh, kept, connect, connectP99, firstByte, firstByteP99, directorFresh, directorKept } = direct;
  const ms = (spread: Spread, factor = 1) => `${(spread.median * factor).toFixed(2)} ms`;
  return [
    line(head),
    line(head.map((_, n) => (n === 0 ? "---" : "--:"))),
    ...rows.map(line),
    "",
    `1 is: ${fresh.median.toFixed(0)} requests/s (${fresh.low.toFixed(0)} to ${fresh.high.toFixed(0)}) on new connections, ` +
      `${kept.median.toFixed(0)} (${kept.low.toFixed(0)} to ${kept.high.toFixed(0)}) on kept ones; connecting ` +
      `${ms(connect)} (p99 ${ms(connectP99)}); first byte ${ms(firstByte)} (p99 ${ms(firstByteP99)}); ` +
      `computing of client and real server for a request ${ms(directorFresh, 1000)} and ${ms(directorKept, 1000)}.`,
    "",
  ].join("\n");
}

/** `0.92 (0.90–0.95)`: the median, and between which values the rounds were. From 10 on without decimals. */
function cell({ median, low, high }: Spread): string {
  const short = (value: number) => value.toFixed(value < 10 ? 2 : 0);
  return `${short(median)} (${short(low)}–${short(high)})`;
}
