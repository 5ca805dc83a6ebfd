import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import SSHConfig from "ssh-config";
import { isEncrypted } from "./auth.js";
import { type AnyConnection, jumpsOf, longestChain } from "./connection.js";
import { Failure } from "./errors.js";
import type { Connection, JumpHost } from "./types.js";

/** Files that may include each other before it is taken for a circle (OpenSSH's own limit, `READCONF_MAX_DEPTH`). */
const deepest = 16;

/**
 * A connection with what its `sshConfigFile` (ssh_config(5)) says of `host`, in the places that the connection leaves open:
 * HostName, Port, User, IdentityFile, IdentityAgent, UserKnownHostsFile, ProxyJump, ConnectTimeout. Host keys are checked
 * whatever StrictHostKeyChecking says, and no command of the file is run: `Match exec` never matches, a ProxyCommand is a
 * {@link Failure}. The connection itself where no file is named.
 */
export function withSshConfig(connection: Connection): Connection {
  const full = filledIn(connection);
  if (jumpsOf(full) <= longestChain) return full;
  throw new Failure("jump", `more than ${longestChain} jump hosts in a row`, "shorten the way");
}

function filledIn<T extends AnyConnection>(connection: T): T {
  const proxy = connection.proxy && filledIn(connection.proxy);
  const own = proxy === connection.proxy ? connection : { ...connection, proxy };
  return own.sshConfigFile === undefined ? own : lookUp(own, home(own.sshConfigFile), []);
}

/** `jumps`: aliases that are on the way already. */
function lookUp<T extends AnyConnection>(connection: T, file: string, jumps: string[]): T {
  const alias = connection.host;
  const said = settings(file, alias);
  const one = (key: string): string | undefined => [said[key]].flat()[0];
  const user = connection.user ?? one("user");
  const filled = {
    ...pick({
      port: number(file, "Port", one("port")),
      perDialTimeout: number(file, "ConnectTimeout", one("connecttimeout")),
      knownHostsFile: knownHosts(one("userknownhostsfile")),
      proxy: connection.proxy ?? jumpHost(one("proxyjump"), one("proxycommand"), file, [...jumps, alias]),
    }),
    ...login(connection, [said["identityfile"] ?? []].flat(), one("identityagent"), { alias, user }),
    ...pick({ ...connection, sshConfigFile: undefined }),
    ...pick({ user }),
    host: (one("hostname") ?? alias).replaceAll("%h", alias),
  };
  return filled as unknown as T;
}

/** What is first said of a host counts (ssh_config(5)); keys in lower case. */
function settings(file: string, alias: string): Record<string, string | string[]> {
  const text = included(file, 0);
  try {
    return SSHConfig.parse(text).compute({ Host: alias }, { ignoreCase: true, matchExec: false });
  } catch (error) {
    throw broken(file, (error as Error).message, "correct it", error);
  }
}

/** The text of a file with what it includes in place. */
function included(file: string, depth: number): string {
  if (depth > deepest) throw broken(file, "includes itself", "take the Include out");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw broken(
      file,
      `cannot be read (${(error as Error).message})`,
      "correct sshConfigFile in the connection",
      error,
    );
  }
  return text.replace(/^[ \t]*Include[ \t=]+(.+)$/gim, (_, paths: string) =>
    (paths.match(/"[^"]*"|\S+/g) ?? [])
      .flatMap((path) => matching(path.replaceAll('"', "")))
      .map((path) => included(path, depth + 1))
      .join("\n"),
  );
}

/** Files of an Include: relative ones are in `~/.ssh`, the last part may have wildcards; one that is not there is passed over. */
function matching(pattern: string): string[] {
  const path = isAbsolute(home(pattern)) ? home(pattern) : join(homedir(), ".ssh", pattern);
  const folder = dirname(path);
  const name = path.slice(folder.length + 1);
  if (!/[*?]/.test(name)) return existsSync(path) ? [path] : [];
  const source = name
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", "[^/]*")
    .replaceAll("?", "[^/]");
  const all = existsSync(folder) ? readdirSync(folder).sort() : [];
  return all.filter((each) => new RegExp(`^(?!\\.)${source}$`).test(each)).map((each) => join(folder, each));
}

/** The first key file that is there, unless the connection has a way to log in; a key with a passphrase is left to the agent. */
function login(
  connection: AnyConnection,
  files: string[],
  agent: string | undefined,
  names: { alias: string; user: string | undefined },
): Pick<Connection, "privateKey" | "agentSocketPath"> {
  if (connection.privateKey !== undefined || connection.password !== undefined) return {};
  const socket =
    agent === undefined || agent === "SSH_AUTH_SOCK"
      ? process.env["SSH_AUTH_SOCK"]
      : agent === "none"
        ? undefined
        : home(agent);
  const named = agent === undefined ? {} : pick({ agentSocketPath: socket });
  const path = files.map((file) => tokens(file, names)).find((file) => existsSync(file));
  if (path === undefined) return named;
  let privateKey: string;
  try {
    privateKey = readFileSync(path, "utf8");
  } catch (error) {
    throw new Failure("auth", `key ${path} cannot be read (${(error as Error).message})`, "make it readable", {
      cause: error,
    });
  }
  const locked = isEncrypted(privateKey) && connection.privateKeyPassword === undefined;
  return locked && socket !== undefined && socket !== "" ? { agentSocketPath: socket } : { ...named, privateKey };
}

/** ssh_config(5), TOKENS: those that name who and where. */
function tokens(path: string, { alias, user }: { alias: string; user: string | undefined }): string {
  const known: Record<string, string> = { "%d": homedir(), "%h": alias, "%n": alias, "%r": user ?? "root", "%%": "%" };
  return home(path.replace(/%[dhnr%]/g, (token) => known[token] ?? token));
}

function knownHosts(file: string | undefined): string | undefined {
  return file === undefined || file === "none" ? undefined : home(file);
}

/** `ProxyJump [user@]host[:port][,…]`: the last one is next to the host, and each is an alias itself. */
function jumpHost(
  jump: string | undefined,
  command: string | undefined,
  file: string,
  jumps: string[],
): JumpHost | undefined {
  if (jump === undefined || jump === "none") {
    if (command === undefined || command === "none") return undefined;
    throw broken(
      file,
      `reaches ${jumps.at(-1)} by a ProxyCommand, which is not run`,
      "use ProxyJump, or proxy in the connection",
    );
  }
  if (jumps.length > longestChain) {
    throw broken(file, `has more than ${longestChain} jump hosts in a row (${jumps.join(", ")})`, "shorten the way");
  }
  const all = jump.split(",").map((each) => each.trim().replace(/^ssh:\/\//, ""));
  const [, user, host6, host, port] =
    /^(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(all.pop() ?? "") ?? [];
  const name = host6 ?? host;
  if (name === undefined) throw broken(file, `has a ProxyJump that is none: ${jump}`, "write it as user@host:port");
  const own: JumpHost = { host: name, ...pick({ user, port: port === undefined ? undefined : Number(port) }) };
  const before = all.length === 0 ? undefined : jumpHost(all.join(","), undefined, file, [...jumps, name]);
  return lookUp(before === undefined ? own : { ...own, proxy: before }, file, jumps);
}

function number(file: string, key: string, value: string | undefined): number | undefined {
  if (value === undefined || (key === "ConnectTimeout" && value === "none")) return undefined;
  if (!/^\d{1,5}$/.test(value)) throw broken(file, `has a ${key} that is no number`, "correct it");
  return Number(value);
}

function home(path: string): string {
  return path.replace(/^~(?=\/|$)/, homedir());
}

function pick<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function broken(file: string, what: string, next: string, cause?: unknown): Failure {
  return new Failure("unreachable", `${file} ${what}`, next, { cause });
}
