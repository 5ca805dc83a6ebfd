import type { Median } from "./summary.js";

/** Markdown: a row for each phase of each tool, with what it is compared with. */
export function table(medians: Median[]): string {
  const sizes = [...new Set(medians.map(({ hosts }) => hosts))];
  return sizes
    .map((hosts) =>
      forHosts(
        hosts,
        medians.filter((each) => each.hosts === hosts),
      ),
    )
    .join("\n");
}

function forHosts(hosts: number, medians: Median[]): string {
  const find = (tool: string, phase: string) =>
    medians.find((each) => each.tool === tool && each.phase === phase)?.seconds;
  const engine = find("empty program", "unchanged");
  const own = (phase: string) => find("pulumi-lvs", phase);
  const rows = medians.map((each) => {
    const floor = find("floor", each.phase === "unchanged" ? "unchanged" : "first");
    const ours = own(each.phase);
    const isOther = each.tool === "Ansible" || each.tool === "pyinfra";
    const beyond = each.tool === "pulumi-lvs" && engine !== undefined ? each.seconds - engine : undefined;
    return [
      each.tool,
      each.phase,
      each.seconds.toFixed(2),
      each.computing === undefined ? "" : each.computing.toFixed(2),
      beyond === undefined ? "" : beyond.toFixed(2),
      floor === undefined ? "" : ((beyond ?? each.seconds) / floor).toFixed(1),
      isOther && ours !== undefined ? (each.seconds / ours).toFixed(1) : "",
      String(each.connections),
      String(each.runs),
      each.pluginMB === undefined ? "" : each.pluginMB.toFixed(0),
      each.stateKB === undefined ? "" : (each.stateKB / hosts).toFixed(1),
    ];
  });
  const head = [
    "tool",
    "phase",
    "s",
    "computing, s",
    "s beyond an empty program",
    "÷ floor",
    "÷ pulumi-lvs",
    "SSH connections",
    "runs",
    "plugin, MB",
    "state per host, kB",
  ];
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [
    `${hosts} hosts`,
    "",
    line(head),
    line(head.map((_, n) => (n < 2 ? "---" : "--:"))),
    ...rows.map(line),
    "",
  ].join("\n");
}
