/** What the report of a lab says, worked out from the stack's outputs and from what the machines answered. */

/** A virtual service as the stack's output `services` names it. */
export interface Service {
  vip: string;
  port: number;
  protocol: string;
}

/** Names in an output that is a list of names, a list of objects with `name`, or a map keyed by name. */
export function namesOf(output: unknown): string[] {
  if (Array.isArray(output)) {
    return output.map((entry: string | { name?: string } | null) =>
      typeof entry === "string" ? entry : String(entry?.name),
    );
  }
  return output && typeof output === "object" ? Object.keys(output) : [];
}

/** URL of a service's front page; IPv6 addresses in brackets as RFC 3986 asks. */
export function urlOf({ vip, port }: Service): string {
  return `http://${vip.includes(":") ? `[${vip}]` : vip}:${port}/`;
}

/** Whether `ip -json address` shows the address on one of the machine's interfaces. */
export function holds(ipJson: string, address: string): boolean {
  const links = JSON.parse(ipJson) as { addr_info?: { local?: string }[] }[];
  return links.some((link) => link.addr_info?.some((entry) => entry.local === address));
}

/** The page's first line of text without its tags: the name by which a real server shows itself. */
export function answerOf(page: string): string {
  const lines = page.replace(/<[^>]*>/g, " ").split("\n");
  return (lines.map((line) => line.trim()).find((line) => line !== "") ?? "(empty page)").slice(0, 60);
}

/** How often each answer came, in the order of first appearance. */
export function tally(answers: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return counts;
}

/** All that the report shows. */
export interface Findings {
  stack: string;
  client: string;
  service: Service;
  /** Directors that hold the VIP; one when all is well. */
  masters: string[];
  answers: string[];
  failures: string[];
  /** `ipvsadm -Ln` of the first master. */
  table: string;
  /** Seconds that the requests took together. */
  seconds: number;
}

/** What is wrong, a sentence each; empty when the cluster serves. */
export function problemsOf(found: Findings): string[] {
  const { service, masters, failures, answers } = found;
  const problems: string[] = [];
  if (masters.length !== 1) {
    const who = masters.length === 0 ? "no director" : masters.join(" and ");
    problems.push(`VIP ${service.vip}: one director must hold it, got ${who}. See journalctl -u keepalived there.`);
  }
  if (failures.length > 0) {
    const asked = failures.length + answers.length;
    problems.push(
      `${urlOf(service)}: ${failures.length} of ${asked} requests failed, the first with "${failures[0]}".`,
    );
  }
  return problems;
}

/** The report as text. */
export function reportText(found: Findings): string {
  const { stack, client, service, masters, answers, table } = found;
  const counts = [...tally(answers)].map(([who, count]) => `${who} ${count}`).join(", ");
  const master = masters[0] ?? "director-a";
  const rows: [string, string][] = [
    ["master", masters.length > 0 ? `${masters.join(", ")} holds ${service.vip}` : "none"],
    [
      "requests",
      `${answers.length} from ${client} through ${urlOf(service)} in ${found.seconds.toFixed(1)} s: ${counts}`,
    ],
    ["in order", answers.slice(0, 8).join(", ")],
  ];
  const indented = table.trimEnd().replace(/^/gm, "  ");
  return `
${rows.map(([label, text]) => `${label.padEnd(10)}${text}`).join("\n")}

The kernel's table on ${master} (ipvsadm -Ln)
${indented}

Look further
  npm run -s lab -- list
  npm run -s lab -- ssh ${stack} ${client}
  npm run -s lab -- exec ${stack} ${master} ipvsadm -Lnc
  npm run -s pulumi -- stack output -s ${stack}
  npm run -s pulumi -- preview -s ${stack} --diff
  npm run -s status -- ${stack}
  npm run -s drift -- ${stack}
Tear down
  npm run -s pulumi -- destroy -s ${stack}
`;
}
