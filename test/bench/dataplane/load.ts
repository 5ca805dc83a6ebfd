import { median } from "../summary.js";

/** Connections that the load keeps busy at a time. */
export const CONCURRENCY = 8;
/** Connections, one after the other, of which one look at their times is made. */
export const CONNECTIONS = 300;
/** Requests after which a load ends before its time: more than a lab can answer, in 7 MB of ab's memory. */
const MOST = 200_000;
/** Seconds after which a request has failed. */
const PATIENCE = 10;

/** Requests/s as many as go for some seconds, each on a connection of its own or on kept ones (ab(1)). */
export function loadCommand(address: string, seconds: number, keep: boolean): string {
  // -t sets -n as well, so that must follow it.
  const bounds = `-t ${seconds} -n ${MOST} -c ${CONCURRENCY} -s ${PATIENCE}`;
  return `timeout ${seconds + 2 * PATIENCE} ab -q ${bounds} ${keep ? "-k " : ""}http://${address}/`;
}

/** What ab has printed of a load. */
export interface Load {
  requests: number;
  perSecond: number;
}

/** Reads what ab has printed; throws unless every request got the page in the way that was asked for. */
export function parseLoad(text: string, keep: boolean): Load {
  const number = (label: string) => {
    const found = new RegExp(`^${label}: +([\\d.]+)`, "m").exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const [requests, failed, perSecond] = ["Complete requests", "Failed requests", "Requests per second"].map(number);
  if (!requests || failed === undefined || perSecond === undefined)
    throw new Error(`ab: must print figures, got\n${text}`);
  // It leaves these lines out where there is nothing to tell.
  const [strange = 0, kept = 0] = ["Non-2xx responses", "Keep-Alive requests"].map(number);
  if (failed + strange > 0)
    throw new Error(`ab: every request must succeed, got ${failed + strange} that did not:\n${text}`);
  // A web server ends a connection after some hundred requests all the same.
  if (keep ? kept < 0.9 * requests : kept > 0)
    throw new Error(
      `ab: connections must ${keep ? "" : "not "}be kept, got ${kept} of ${requests} requests on kept ones`,
    );
  return { requests, perSecond };
}

/** Connections one after the other, each for one request, and how long each took (curl(1), `--write-out`). */
export function connectCommand(address: string): string {
  const times = "%{http_code} %{num_connects} %{time_namelookup} %{time_connect} %{time_starttransfer}\\n";
  const curl = `curl -sS -o /dev/null --max-time ${PATIENCE} -H 'Connection: close' -w '${times}'`;
  return `timeout ${6 * PATIENCE} ${curl} 'http://${address}/?[1-${CONNECTIONS}]'`;
}

/** Milliseconds: of connecting, and from the beginning to the first byte of the answer. */
export interface Times {
  connect: number;
  connectP99: number;
  firstByte: number;
  firstByteP99: number;
}

/** Reads what curl has printed; throws unless each request had a connection of its own and got the page. */
export function parseTimes(text: string): Times {
  const rows = text
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map(Number));
  const bad = rows.find(([code, connects]) => code !== 200 || connects !== 1);
  if (rows.length !== CONNECTIONS || bad)
    throw new Error(
      `curl: must make ${CONNECTIONS} connections for a page each, got ${rows.length}, one of them "${bad?.join(" ")}"`,
    );
  // An address is no name, but curl begins its clock before it knows that.
  const connect = rows.map(([, , named, connected]) => (connected! - named!) * 1000);
  const firstByte = rows.map(([, , named, , first]) => (first! - named!) * 1000);
  return {
    ...{ connect: median(connect), connectP99: percentile(connect, 99) },
    ...{ firstByte: median(firstByte), firstByteP99: percentile(firstByte, 99) },
  };
}

/** The smallest value that so many percent of all are not above (nearest rank). */
export function percentile(values: number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.ceil((percent / 100) * sorted.length) - 1];
  if (value === undefined) throw new RangeError("percentile: must have a value, got none");
  return value;
}
