import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import type { ServerHostKeyAlgorithm } from "ssh2";
import type { AnyConnection } from "./connection.js";
import { Failure } from "./errors.js";
import { knownKeys } from "./known-hosts.js";

/** How a host proves who it is. */
export interface HostKeyPolicy {
  /** Algorithms to negotiate, so that a host with several keys shows the expected one; all when left out. */
  algorithms?: ServerHostKeyAlgorithm[];
  /** What to refuse a shown key with; nothing when it is the right one. */
  refusal(blob: Buffer): Failure | undefined;
  /** What to say when the host has no key of the expected types. */
  noSuchKey(): Failure;
  /** True when any key is taken. */
  insecure: boolean;
}

interface PublicKey {
  type: string;
  blob: Buffer;
}

const algorithmsOfType: Record<string, ServerHostKeyAlgorithm[]> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  // One RSA key serves three signature algorithms (RFC 8332).
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
};

/** `SHA256:…` of a public key, as ssh-keygen -l shows it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** The keys of a pinned `hostKey`: one a line, each as in known_hosts or as ssh-keyscan prints it. */
export function pinnedKeys(text: string): PublicKey[] {
  const keys: PublicKey[] = [];
  for (const line of text.split("\n")) {
    const words = line.trim().split(/\s+/);
    const at = words.findIndex((word) => word in algorithmsOfType);
    const base64 = words[at + 1];
    if (at < 0 || base64 === undefined) continue;
    const key = { type: words[at] as string, blob: Buffer.from(base64, "base64") };
    if (typeOf(key.blob) === key.type) keys.push(key);
  }
  return keys;
}

/** The rule by which the connection's host key is accepted: pinned key, else known_hosts, else (only if asked for) any. */
export function hostKeyPolicy(connection: AnyConnection): HostKeyPolicy {
  if (connection.hostKey !== undefined) return pinned(connection, connection.hostKey);
  if (connection.insecureIgnoreHostKey === true) {
    return { insecure: true, refusal: () => undefined, noSuchKey: () => noCommonKey(connection) };
  }
  return known(connection);
}

function pinned(connection: AnyConnection, text: string): HostKeyPolicy {
  const keys = pinnedKeys(text);
  if (keys.length === 0) {
    const types = Object.keys(algorithmsOfType).join(", ");
    throw new Failure(
      "host-key",
      `hostKey is not a public key (it must read like "ssh-ed25519 AAAA…", of type ${types})`,
      howToGet(connection, "ssh-ed25519"),
    );
  }
  const pins = keys.map((key) => fingerprint(key.blob)).join(" or ");
  const next = `make sure that this is the right host; if its key was changed on purpose, ${howToGet(connection, keys[0]?.type)}`;
  return {
    insecure: false,
    algorithms: algorithms(keys),
    refusal: (blob) =>
      keys.some((key) => key.blob.equals(blob))
        ? undefined
        : new Failure(
            "host-key",
            `host key does not match the pinned one (got ${fingerprint(blob)}, pinned ${pins})`,
            next,
          ),
    noSuchKey: () =>
      new Failure("host-key", `host has no key of the pinned type (pinned ${keys[0]?.type} ${pins})`, next),
  };
}

function known(connection: AnyConnection): HostKeyPolicy {
  const file = (connection.knownHostsFile ?? "~/.ssh/known_hosts").replace(/^~(?=\/)/, homedir());
  const keys = knownKeys(readOrEmpty(file), connection.host, connection.port ?? 22);
  const good = keys.filter((key) => !key.revoked);
  const knownPrints = good.map((key) => fingerprint(key.blob)).join(" or ");
  const refuse = (what: string, type?: string) => new Failure("host-key", what, howToGet(connection, type, file));
  return {
    insecure: false,
    algorithms: good.length === 0 ? undefined : algorithms(good),
    refusal: (blob) => {
      const got = fingerprint(blob);
      if (keys.some((key) => key.revoked && key.blob.equals(blob))) {
        return refuse(`host key is marked @revoked in ${file} (got ${got})`, typeOf(blob));
      }
      if (good.length === 0) return refuse(`host key is not known (got ${got}, no entry in ${file})`, typeOf(blob));
      if (good.some((key) => key.blob.equals(blob))) return undefined;
      return refuse(`host key does not match ${file} (got ${got}, known ${knownPrints})`, typeOf(blob));
    },
    noSuchKey: () => refuse(`host has no key of the type that ${file} holds (known ${knownPrints})`),
  };
}

function howToGet(connection: AnyConnection, type = "ssh-ed25519", file?: string): string {
  const kind = type === "ssh-rsa" ? "rsa" : type.startsWith("ecdsa") ? "ecdsa" : "ed25519";
  const port = connection.port === undefined || connection.port === 22 ? "" : `-p ${connection.port} `;
  const or = file === undefined ? "" : `, or add the line to ${file}`;
  return (
    `run \`ssh-keyscan -t ${kind} ${port}${connection.host}\`, compare its fingerprint with ` +
    `\`ssh-keygen -lf /etc/ssh/ssh_host_${kind}_key.pub\` on the host itself, and put "${type} AAAA…" into the connection's hostKey${or}`
  );
}

function noCommonKey(connection: AnyConnection): Failure {
  return new Failure(
    "host-key",
    `host has no key of a type that can be checked (${Object.keys(algorithmsOfType).join(", ")})`,
    `run \`ssh-keygen -A\` on ${connection.host}`,
  );
}

function algorithms(keys: PublicKey[]): ServerHostKeyAlgorithm[] {
  return [...new Set(keys.flatMap((key) => algorithmsOfType[key.type] ?? []))];
}

/** A public key's blob begins with its type (RFC 4253, 6.6). */
function typeOf(blob: Buffer): string | undefined {
  return blob.length < 4 ? undefined : blob.subarray(4, 4 + blob.readUInt32BE(0)).toString("latin1");
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw new Failure("host-key", `cannot read ${file} (${(error as Error).message})`, "make the file readable", {
      cause: error,
    });
  }
}
