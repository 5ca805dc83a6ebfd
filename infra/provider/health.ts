import * as ipvs from "../linux/ipvs.js";
import * as keepalived from "../linux/keepalived.js";
import type { Query } from "../linux/noun.js";
import type { Daemon, Table, TableService } from "../plan/types.js";

/** Asks keepalived what it holds; a director without it has nobody to ask. */
export function stateOf(daemon: Daemon | "none"): Query<keepalived.State> {
  if (daemon === "keepalived") return keepalived.state();
  return {
    steps: [],
    parse: () => ({
      alive: true,
      instances: {},
      isDown: () => false,
      fails: () => false,
      undecided: [],
      reloadCheck: false,
    }),
  };
}

/** The table that keepalived must have made of the wanted one, as healthy as its checks find the real servers. */
export function expected(table: Table, daemon: keepalived.State): Table {
  return mapServices(table, (name, { sorryServer, inhibitOnFailure, ...service }) => {
    const there = Object.entries(service.realServers)
      .filter(([key]) => !daemon.isDown(name, key))
      .map(([key, entry]) => {
        const failed = inhibitOnFailure === true && daemon.fails(name, key);
        return [key, failed ? { ...entry, weight: 0 } : entry] as const;
      });
    // Without a quorum keepalived itself takes all real servers out, and puts the sorry server in.
    const alone = sorryServer !== undefined && there.length === 0;
    return { ...service, realServers: alone ? sorryServer : Object.fromEntries(there) };
  });
}

/** The kernel's table in the words of the wanted one: what only keepalived's checks have changed is not a difference. */
export function withUnhealthy(kernel: Table, want: Table, daemon: keepalived.State): Table {
  const result: Table = {};
  const now = expected(want, daemon);
  for (const [name, service] of Object.entries(kernel)) {
    const wanted = want[name];
    if (wanted === undefined) {
      result[name] = service;
      continue;
    }
    const only = (table: Table): Table => ({ [name]: table[name]! });
    result[name] =
      ipvs.difference(only(kernel), only(now)).changes.length === 0
        ? wanted
        : { ...service, ...unseen(wanted), realServers: merged(service, wanted, now[name]!) };
  }
  return result;
}

/** What the kernel does not know of a service, and keepalived alone does. */
function unseen({ inhibitOnFailure, sorryServer }: TableService): Partial<TableService> {
  return { ...(inhibitOnFailure && { inhibitOnFailure }), ...(sorryServer && { sorryServer }) };
}

/** Each real server as it is, or as it is wanted where its check alone explains what it is. */
function merged(is: TableService, want: TableService, now: TableService): TableService["realServers"] {
  const keys = [...new Set([...Object.keys(want.realServers), ...Object.keys(is.realServers)])];
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  return Object.fromEntries(
    keys.flatMap((key) => {
      const [have, wanted] = [is.realServers[key], want.realServers[key]];
      // Not wanted, and yet as it has to be: the sorry server, in the place of the pool.
      if (same(have, now.realServers[key])) return wanted === undefined ? [] : [[key, wanted]];
      return have === undefined ? [] : [[key, have]];
    }),
  );
}

function mapServices(table: Table, change: (name: string, service: TableService) => TableService): Table {
  return Object.fromEntries(Object.entries(table).map(([name, service]) => [name, change(name, service)]));
}
