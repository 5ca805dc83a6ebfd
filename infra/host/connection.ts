import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { pinnedKeys } from "./host-key.js";
import { Failure } from "./errors.js";
import type { Connection, JumpHost } from "./types.js";

/** A connection or a jump host: what both can say. */
export type AnyConnection = Connection | JumpHost;

/** The fields that `@pulumi/command`'s `remote.ConnectionArgs` has, in plain values. */
export type CommandConnection = Pick<
  Connection,
  | "host"
  | "port"
  | "user"
  | "password"
  | "privateKey"
  | "privateKeyPassword"
  | "agentSocketPath"
  | "hostKey"
  | "dialErrorLimit"
  | "perDialTimeout"
> & { proxy?: Omit<CommandConnection, "proxy"> };

const commandFields = [
  "host",
  "port",
  "user",
  "password",
  "privateKey",
  "privateKeyPassword",
  "agentSocketPath",
  "hostKey",
  "dialErrorLimit",
  "perDialTimeout",
] as const;

/** TCP port; 22 when left out. */
export function portOf(connection: AnyConnection): number {
  return connection.port ?? 22;
}

/** Login user; root when left out. */
export function userOf(connection: AnyConnection): string {
  return connection.user ?? "root";
}

/** `198.18.1.11:22`, `[2001:db8::1]:22`; what messages show in brackets. */
export function addressOf(connection: AnyConnection): string {
  const host = isIPv6(connection.host) ? `[${connection.host}]` : connection.host;
  return `${host}:${portOf(connection)}`;
}

/** `user@host:port`, followed by ` via user@jump` for each jump host on the way, the nearest last; holds no secret. */
export function describe(connection: AnyConnection): string {
  const own = `${userOf(connection)}@${addressOf(connection)}`;
  const { proxy } = connection;
  if (proxy === undefined) return own;
  const way = describe(proxy);
  return `${own} via ${portOf(proxy) === 22 && !isIPv6(proxy.host) ? way.replace(`${proxy.host}:22`, proxy.host) : way}`;
}

/** Jump hosts in a row; the state knows the places of the secrets of so many. */
export const longestChain = 3;

/** How many jump hosts are on the way. */
export function jumpsOf(connection: AnyConnection): number {
  return connection.proxy === undefined ? 0 : 1 + jumpsOf(connection.proxy);
}

/** A key for the connection pool: equal only for connections that are equal in every field; tells no secret. */
export function identityOf(connection: AnyConnection): string {
  return createHash("sha256").update(canonical(connection)).digest("hex");
}

/**
 * What `@pulumi/command` takes of a connection; without `hostKey` that package checks no host key at all. Throws for what it
 * cannot do, since it would dial something else: an alias, a second jump host.
 */
export function toCommandConnection(connection: Connection): CommandConnection {
  const { proxy } = connection;
  if (connection.sshConfigFile !== undefined || proxy?.sshConfigFile !== undefined || proxy?.proxy !== undefined) {
    const what = "@pulumi/command knows neither sshConfigFile nor a second jump host";
    const next = "give it a connection with host, user and key, and at most one proxy";
    throw new Failure("unreachable", what, next).named(connection.host, addressOf(connection));
  }
  return { ...commandPart(connection), ...(proxy === undefined ? {} : { proxy: commandPart(proxy) }) };
}

function commandPart(connection: AnyConnection): Omit<CommandConnection, "proxy"> {
  const part = pick(connection);
  // That package takes one authorized_keys line; ours may be several known_hosts lines.
  const key = part.hostKey === undefined ? undefined : pinnedKeys(part.hostKey)[0];
  return key === undefined ? part : { ...part, hostKey: `${key.type} ${key.blob.toString("base64")}` };
}

function pick(connection: Omit<CommandConnection, "proxy">): Omit<CommandConnection, "proxy"> {
  const entries = commandFields.map((field) => [field, connection[field]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Omit<CommandConnection, "proxy">;
}

function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`)
    .join(",")}}`;
}
