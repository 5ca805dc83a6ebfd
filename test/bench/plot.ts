import type { Median } from "./summary.js";

const WIDTH = 760;
const HEIGHT = 440;
const MARGIN = { left: 60, right: 210, top: 20, bottom: 50 };

/** Lines of the plot: tool and phase, with a colour that those who see few colours can tell apart (Okabe and Ito), and a dash. */
const lines = [
  { tool: "Ansible", phase: "first", colour: "#d55e00", dash: "" },
  { tool: "Ansible", phase: "unchanged", colour: "#d55e00", dash: "6 4" },
  { tool: "pyinfra", phase: "first", colour: "#cc79a7", dash: "" },
  { tool: "pyinfra", phase: "unchanged", colour: "#cc79a7", dash: "6 4" },
  { tool: "pulumi-lvs", phase: "first", colour: "#0072b2", dash: "" },
  { tool: "pulumi-lvs", phase: "refresh", colour: "#0072b2", dash: "2 3" },
  { tool: "pulumi-lvs", phase: "unchanged", colour: "#0072b2", dash: "6 4" },
  { tool: "floor", phase: "first", colour: "#009e73", dash: "" },
  { tool: "empty program", phase: "unchanged", colour: "#777777", dash: "" },
];

/** Seconds, or seconds of computing, over the number of hosts, both logarithmic, as an SVG. */
export function plot(all: Median[], by: "seconds" | "computing" = "seconds"): string {
  const medians = all.flatMap((each) => (each[by] === undefined ? [] : [{ ...each, seconds: each[by] }]));
  const shown = lines
    .map((line) => ({
      ...line,
      points: medians.filter((each) => each.tool === line.tool && each.phase === line.phase),
    }))
    .filter(({ points }) => points.length > 0);
  const points = shown.flatMap(({ points }) => points);
  const x = scale(
    points.map(({ hosts }) => hosts),
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const y = scale(
    points.map(({ seconds }) => seconds),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  const sizes = [...new Set(points.map(({ hosts }) => hosts))];
  const ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500].filter((tick) => y.has(tick));
  const bottom = HEIGHT - MARGIN.bottom;
  const right = WIDTH - MARGIN.right;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...ticks.flatMap((tick) => [
      `<path d="M${MARGIN.left} ${y.at(tick)}H${right}" stroke="#dddddd"/>`,
      `<text x="${MARGIN.left - 8}" y="${y.at(tick) + 4}" text-anchor="end">${tick}</text>`,
    ]),
    ...sizes.map((size) => `<text x="${x.at(size)}" y="${bottom + 18}" text-anchor="middle">${size}</text>`),
    `<text x="${(MARGIN.left + right) / 2}" y="${HEIGHT - 10}" text-anchor="middle">hosts</text>`,
    `<text x="14" y="${(MARGIN.top + bottom) / 2}" text-anchor="middle" transform="rotate(-90 14 ${(MARGIN.top + bottom) / 2})">${by === "seconds" ? "seconds" : "seconds of computing"}</text>`,
    ...shown.flatMap(({ points, colour, dash }) => [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}" points="${points
        .map(({ hosts, seconds }) => `${x.at(hosts)},${y.at(seconds)}`)
        .join(" ")}"/>`,
      ...points.map(
        ({ hosts, seconds }) => `<circle cx="${x.at(hosts)}" cy="${y.at(seconds)}" r="3" fill="${colour}"/>`,
      ),
    ]),
    ...shown.flatMap(({ tool, phase, colour, dash }, n) => [
      `<path d="M${right + 16} ${MARGIN.top + 10 + n * 22}h28" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`,
      `<text x="${right + 52}" y="${MARGIN.top + 14 + n * 22}">${tool === "empty program" ? tool : `${tool}, ${phase}`}</text>`,
    ]),
    "</svg>",
    "",
  ].join("\n");
}

/** Places values on a logarithmic axis from `start` to `end`, in pixels with one decimal. */
function scale(values: number[], start: number, end: number) {
  const [low, high] = [Math.min(...values) * 0.9, Math.max(...values) * 1.1];
  const part = (value: number) => Math.log(value / low) / Math.log(high / low);
  return {
    at: (value: number) => Math.round((start + (end - start) * part(value)) * 10) / 10,
    has: (value: number) => value >= low && value <= high,
  };
}
