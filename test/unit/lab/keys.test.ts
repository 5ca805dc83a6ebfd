import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { generateKeyPair } from "../../../infra/lab/keys.js";

test("ssh-keygen finds the public key in the private one", (t) => {
  const dir = mkdtempSync(join(tmpdir(), "lab-keys-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "key");
  for (let n = 0; n < 3; n++) {
    const { privateKey, publicKey } = generateKeyPair();
    writeFileSync(file, privateKey, { mode: 0o600 });
    const derived = execFileSync("ssh-keygen", ["-y", "-P", "", "-f", file], { encoding: "utf8" });
    assert.equal(derived.trim(), publicKey);
  }
});

test("no two key pairs are alike", () => {
  assert.notEqual(generateKeyPair().publicKey, generateKeyPair().publicKey);
});
