import type { Measure, WayRatios } from "./ratios.js";

const WIDTH = 760;
const MARGIN = { left: 100, right: 20, top: 44, bottom: 30 };
const GAP = 40;
const BAR = 10;
const GROUP = 34;

/** Half of the plot each: bars by way, with colours that those who see few colours can tell apart (Okabe and Ito). */
const halves: { title: string; bars: { measure: Measure; label: string; colour: string }[] }[] = [
  {
    title: "requests/s ÷ direct",
    bars: [
      { measure: "fresh", label: "new connections", colour: "#0072b2" },
      { measure: "kept", label: "kept connections", colour: "#56b4e9" },
    ],
  },
  {
    title: "time ÷ direct",
    bars: [
      { measure: "connect", label: "connecting", colour: "#d55e00" },
      { measure: "firstByte", label: "first byte", colour: "#e69f00" },
    ],
  },
];

/** Ratios to direct requests as bars, with a stroke from the smallest to the largest round, as an SVG. */
export function plot(ways: WayRatios[]): string {
  const height = MARGIN.top + ways.length * GROUP + MARGIN.bottom;
  const width = (WIDTH - MARGIN.left - MARGIN.right - GAP) / 2;
  const centre = (n: number) => MARGIN.top + (n + 0.5) * GROUP;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...ways.map(({ way }, n) => `<text x="${MARGIN.left - 8}" y="${centre(n) + 4}" text-anchor="end">${way}</text>`),
    ...halves.flatMap(({ title, bars }, half) => {
      const left = MARGIN.left + half * (width + GAP);
      const highest = Math.max(1, ...ways.flatMap(({ ratios }) => bars.map(({ measure }) => ratios[measure].high)));
      const x = (ratio: number) => Math.round((left + (width * ratio) / highest) * 10) / 10;
      const step = [0.2, 0.5, 1, 2, 5, 10].find((each) => highest / each <= 6) ?? 20;
      const ticks = Array.from({ length: Math.floor(highest / step + 1e-9) + 1 }, (_, n) => n * step);
      const bottom = height - MARGIN.bottom;
      return [
        `<text x="${left}" y="16">${title}</text>`,
        ...bars.flatMap(({ label, colour }, n) => [
          `<path d="M${left + 130 * n} 32h14" stroke="${colour}" stroke-width="${BAR}"/>`,
          `<text x="${left + 130 * n + 20}" y="36">${label}</text>`,
        ]),
        ...ticks.flatMap((tick) => [
          `<path d="M${x(tick)} ${MARGIN.top}V${bottom}" stroke="#dddddd"/>`,
          `<text x="${x(tick)}" y="${bottom + 18}" text-anchor="middle">${Number(tick.toFixed(1))}</text>`,
        ]),
        ...ways.flatMap(({ ratios }, n) =>
          bars.flatMap(({ measure, colour }, bar) => {
            const { median, low, high } = ratios[measure];
            const top = centre(n) + (bar - 1) * (BAR + 1);
            return [
              `<rect x="${left}" y="${top}" width="${Math.round((x(median) - left) * 10) / 10}" height="${BAR}" fill="${colour}"/>`,
              `<path d="M${x(low)} ${top + BAR / 2}H${x(high)}" stroke="#000000"/>`,
            ];
          }),
        ),
        `<path d="M${x(1)} ${MARGIN.top}V${bottom}" stroke="#000000" stroke-dasharray="4 3"/>`,
      ];
    }),
    "</svg>",
    "",
  ].join("\n");
}
