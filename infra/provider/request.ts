/** Requests that are enough for every real server to be chosen by any scheduler that spreads. */
export const REQUESTS_PER_REAL_SERVER = 2;

/** A page for HTTP; for all else a connection, without a word that the service may not understand. */
export function requestOf(url: string): string[] {
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
