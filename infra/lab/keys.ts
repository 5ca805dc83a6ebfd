import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./command.js";

/** An ed25519 key pair in OpenSSH's forms. */
export interface KeyPair {
  /** PEM text (secret). */
  privateKey: string;
  /** `ssh-ed25519 AAAA…`, without a comment. */
  publicKey: string;
}

/** Makes an ed25519 key pair. */
export async function generateKeyPair(): Promise<KeyPair> {
  const dir = await mkdtemp(join(tmpdir(), "lvs-key-"));
  try {
    const file = join(dir, "key");
    await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file]);
    const [privateKey, publicKey] = await Promise.all([readFile(file, "utf8"), readFile(`${file}.pub`, "utf8")]);
    return { privateKey, publicKey: publicKey.trim() };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
