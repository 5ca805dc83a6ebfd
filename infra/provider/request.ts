/** Requests that are enough for every real server to be chosen by any scheduler that spreads. */
export const REQUESTS_PER_REAL_SERVER = 2;

/** A page for HTTP; for all else a connection, without a word that the service may not understand. */
export function requestOf(url: string): string[] {
  if (url.startsWith("http"))
    return ["curl", "-sSk", "-o", "/dev/null", "--connect-timeout", "3", "--max-time", "10", url];
  const [, address = "", port = ""] = /^tcp:\/\/\[?([^\]]+?)\]?:(\d+)$/.exec(url) ?? [];
  return ["timeout", "3", "bash", "-c", 'exec 3<>"/dev/tcp/$0/$1"', address, port];
}
