import { colours, REPLY_DASHES } from "./colours.js";
import type { End, Group, HostView, Topology, Way } from "./model.js";

/**
 * A picture as the text of a Mermaid flowchart, which GitHub draws; it wears the colours of the page. Lines go from host
 * to host: Mermaid places a subgraph that has lines of its own before all hosts, so that clients came to stand right.
 */
export function mermaidOf({ title, subtitle, columns, ways }: Topology): string {
  const groups = columns.flatMap((column) => column.groups);
  const ids = new Map(
    groups.flatMap((group, index) =>
      group.hosts.map(({ name }, place) => [hostKey(group.id, name), `g${index}h${place}`] as const),
    ),
  );
  const lines = ways.flatMap((way) => wayLines(way, ids));
  return [
    "---",
    `title: ${quoted(`${title}: ${subtitle}`)}`,
    "---",
    "flowchart LR",
    ...groups.flatMap((group, index) => groupLines(group, `g${index}`, ids)),
    ...lines.map(({ text }) => `  ${text}`),
    ...(["request", "reply"] as const).flatMap((kind) => styleOf(kind, lines)),
    "",
  ].join("\n");
}

function hostKey(group: string, host: string): string {
  return `${group}\n${host}`;
}

function groupLines({ id, title, bond, hosts }: Group, own: string, ids: ReadonlyMap<string, string>): string[] {
  return [
    `  subgraph ${own}[${quoted(bond === undefined ? title : `${title}, ${bond}`)}]`,
    ...hosts.map((host) => `    ${ids.get(hostKey(id, host.name))}[${quoted(hostText(host))}]`),
    "  end",
  ];
}

function hostText({ name, remark, plugs, lines }: HostView): string {
  return [
    `<b>${name}</b>${remark === undefined ? "" : ` (${remark})`}`,
    ...plugs.flatMap(({ name: dev, segment, addresses }) => [
      segment === undefined ? dev : `${dev} on ${segment}`,
      ...addresses.map(({ tag, text }) => (tag === undefined ? text : `${tag} ${text}`)),
    ]),
    ...lines,
  ].join("<br/>");
}

interface MermaidLine {
  kind: Way["kind"];
  text: string;
}

/** A line for each pair of hosts; only the first says what the packet is, the others have its number. */
function wayLines({ kind, step, from, to, packet, remarks }: Way, ids: ReadonlyMap<string, string>): MermaidLine[] {
  const hostsOf = ({ group, hosts }: End) => hosts.map((name) => ids.get(hostKey(group, name)));
  const pairs = hostsOf(from).flatMap((one) => hostsOf(to).map((other) => [one, other]));
  return pairs.map(([one, other], index) => {
    // A number and a point at the beginning would be a list to Mermaid.
    const text = quoted(index === 0 ? [`(${step}) ${packet}`, ...remarks].join("<br/>") : `(${step})`);
    return { kind, text: kind === "reply" ? `${one} -. ${text} .-> ${other}` : `${one} -- ${text} --> ${other}` };
  });
}

function styleOf(kind: Way["kind"], lines: readonly MermaidLine[]): string[] {
  const places = lines.flatMap((line, index) => (line.kind === kind ? [index] : []));
  if (places.length === 0) return [];
  const dashes = kind === "reply" ? `,stroke-dasharray:${REPLY_DASHES}` : "";
  return [`  linkStyle ${places.join(",")} stroke:${colours[kind]},stroke-width:2px${dashes}`];
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', "#quot;")}"`;
}
