import { createHmac } from "node:crypto";

/** A key that known_hosts holds for a host. */
export interface KnownKey {
  type: string;
  blob: Buffer;
  revoked: boolean;
}

/**
 * The keys that the text of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT") gives for a host: plain, hashed,
 * `[host]:port` and wildcard entries, negation, `@revoked`. `@cert-authority` lines are left aside: ssh2 takes no host certificates.
 */
export function knownKeys(text: string, host: string, port: number): KnownKey[] {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  const found: KnownKey[] = [];
  for (const line of text.split(/\r?\n/)) {
    const words = line.trim().split(/\s+/);
    if (words[0] === "" || words[0]?.startsWith("#")) continue;
    const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
    const [names, type, base64] = words;
    if (names === undefined || type === undefined || base64 === undefined) continue;
    if (marker !== undefined && marker !== "@revoked") continue;
    if (matches(names, name)) {
      found.push({ type, blob: Buffer.from(base64, "base64"), revoked: marker === "@revoked" });
    }
  }
  return found;
}

function matches(names: string, name: string): boolean {
  if (names.startsWith("|1|")) {
    const [, , salt = "", hash] = names.split("|");
    return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
  }
  let matched = false;
  for (const item of names.toLowerCase().split(",")) {
    const negated = item.startsWith("!");
    if (!wildcard(negated ? item.slice(1) : item).test(name)) continue;
    // A negated match rules the whole line out, whatever else matches.
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`);
}
