import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { secretLine } from "../../lab/case-1/way.js";
import { run } from "../../lab/support/command.js";
import { unique, type Secret } from "../../lab/support/leaks.js";

/** A key pair whose private part has a passphrase. */
export interface LockedKey {
  /** File of the private key. */
  file: string;
  privateKey: string;
  publicKey: string;
  passphrase: string;
}

/** What opens the way to the hosts: keys of their own for the jump host and for what is behind, and sudo's password. */
export class Credentials {
  /** Holds keys, known_hosts and the like; of nobody else. */
  readonly folder = mkdtempSync(join(tmpdir(), "lvs-jump-"));
  host!: LockedKey;
  jump!: LockedKey;
  /** With what a shell would take for its own. */
  readonly sudoPassword = `${word()} '$HOME; ${word()}`;

  async make(): Promise<void> {
    this.host = await this.lockedKey("host");
    this.jump = await this.lockedKey("jump");
  }

  secrets(): Secret[] {
    return [
      unique("key of the hosts", secretLine(this.host.privateKey)),
      unique("passphrase of the hosts' key", this.host.passphrase),
      unique("key of the jump host", secretLine(this.jump.privateKey)),
      unique("passphrase of the jump host's key", this.jump.passphrase),
      unique("sudo password", this.sudoPassword),
    ];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async lockedKey(name: string): Promise<LockedKey> {
    const file = join(this.folder, name);
    const passphrase = word();
    const done = await run(["ssh-keygen", "-q", "-t", "ed25519", "-C", name, "-N", passphrase, "-f", file]);
    if (done.code !== 0) throw new Error(`ssh-keygen exited ${done.code}: ${done.stderr}`);
    const publicKey = readFileSync(`${file}.pub`, "utf8").trim();
    return { file, passphrase, privateKey: readFileSync(file, "utf8"), publicKey };
  }
}

function word(): string {
  return randomBytes(12).toString("base64url");
}
