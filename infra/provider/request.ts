import type { Host } from "../host/types.js";
import type { VerificationPlan } from "../plan/types.js";

/** Requests that are enough for every real server to be chosen by any scheduler that spreads. */
const REQUESTS_PER_REAL_SERVER = 2;

/** A request of the plan, how often it is made, and as which command. */
export type Asked = VerificationPlan["requests"][number] & { argv: string[]; sent: number };

/** The requests that are enough to see every real server. */
export function askedOf(plan: VerificationPlan): Asked[] {
  return plan.requests.map((request) => ({
    ...request,
    argv: requestOf(request.url),
    sent: REQUESTS_PER_REAL_SERVER * Math.max(1, request.realServers.length),
  }));
}

/** Makes all of them in one round trip; gives how many were answered, and what is wrong when it was not all of them. */
export async function ask(client: Host, asked: Asked[]): Promise<(Asked & { answered: number; problem?: string })[]> {
  const answers = await client.run(
    asked.flatMap(({ argv, sent }) => Array.from({ length: sent }, () => ({ argv, accept: "any" as const }))),
  );
  let at = 0;
  return asked.map((each) => {
    const { url, argv, sent } = each;
    const failed = answers.slice(at, (at += sent)).filter(({ code }) => code !== 0);
    const answered = sent - failed.length;
    const [first] = failed;
    if (first === undefined) return { ...each, answered };
    const reason = first.stderr.trim() || `${argv[0]} exited ${first.code}`;
    const problem = `${client.name}: every request to ${url} must be answered, got ${answered} of ${sent} (${reason}).`;
    return { ...each, answered, problem };
  });
}

/** A page for HTTP; for all else a connection, without a word that the service may not understand. */
function requestOf(url: string): string[] {
  if (url.startsWith("http"))
    return ["curl", "-sSk", "-o", "/dev/null", "--connect-timeout", "3", "--max-time", "10", url];
  const [, address = "", port = ""] = /^tcp:\/\/\[?([^\]]+?)\]?:(\d+)$/.exec(url) ?? [];
  return ["timeout", "3", "bash", "-c", 'exec 3<>"/dev/tcp/$0/$1"', address, port];
}

/** What to look at when requests were not answered; `halfOpen`: real servers that have connections in SYN_RECV. */
export function nextStep(halfOpen: string[]): string {
  if (halfOpen.length === 0) return "Look at the real servers' way back to the client.";
  return (
    `Connections to ${halfOpen.join(" and ")} end in SYN_RECV: look whether the service listens on the VIP there, ` +
    `whether a firewall drops it, and at the way back to the client.`
  );
}
