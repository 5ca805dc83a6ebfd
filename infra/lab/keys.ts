import { generateKeyPairSync, randomBytes } from "node:crypto";

/** An ed25519 key pair in OpenSSH's forms. */
export interface KeyPair {
  /** PEM text (secret). */
  privateKey: string;
  /** `ssh-ed25519 AAAA…`, without a comment. */
  publicKey: string;
}

/** A length-prefixed string of the SSH protocol (RFC 4251, section 5). */
function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/**
 * Makes an ed25519 key pair, in memory: a killed run leaves no key file in a temporary folder. The private key has the
 * form of OpenSSH's `PROTOCOL.key`, unencrypted.
 */
export function generateKeyPair(): KeyPair {
  const { d, x } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  if (d === undefined || x === undefined) throw new Error("ed25519: the key has no private or public part");
  const [seed, point] = [Buffer.from(d, "base64url"), Buffer.from(x, "base64url")];
  const publicBlob = Buffer.concat([text("ssh-ed25519"), text(point)]);
  // Twice the same number: with it a reader sees whether it decrypted well.
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, publicBlob, text(Buffer.concat([seed, point])), text("")]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, n) => n + 1));
  const blob = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...[text("none"), text("none"), text("")],
    Buffer.from([0, 0, 0, 1]),
    text(publicBlob),
    text(Buffer.concat([secret, padding])),
  ]);
  const lines = blob.toString("base64").match(/.{1,70}/g) ?? [];
  return {
    privateKey: ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n"),
    publicKey: `ssh-ed25519 ${publicBlob.toString("base64")}`,
  };
}
