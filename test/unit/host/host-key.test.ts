import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Failure } from "../../../infra/host/errors.js";
import { fingerprint, hostKeyPolicy } from "../../../infra/host/host-key.js";
import { knownKeys } from "../../../infra/host/known-hosts.js";

// A real key, made once by ssh-keygen, and another one of the same type.
const good = "AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS";
const other = "AAAAC3NzaC1lZDI1NTE5AAAAIBDLlNCMmIb/54SWhuATJFmv+mtF1y+yWXV9Q8oTYgjH";
const blob = Buffer.from(good, "base64");
const otherBlob = Buffer.from(other, "base64");
let dir: string;
before(() => void (dir = mkdtempSync(join(tmpdir(), "lvs-known-"))));
after(() => rmSync(dir, { recursive: true }));

function known(text: string): string {
  const file = join(dir, `known-${Math.random()}`);
  writeFileSync(file, text);
  return file;
}

const lookups: { title: string; text: string; host: string; port?: number; found: number }[] = [
  { title: "a plain entry", text: `web ssh-ed25519 ${good} comment`, host: "web", found: 1 },
  { title: "another host", text: `web ssh-ed25519 ${good}`, host: "web2", found: 0 },
  { title: "a list of names", text: `a,web,10.0.0.1 ssh-ed25519 ${good}`, host: "10.0.0.1", found: 1 },
  { title: "a host in capitals", text: `web ssh-ed25519 ${good}`, host: "WEB", found: 1 },
  { title: "a port of its own", text: `[web]:2222 ssh-ed25519 ${good}`, host: "web", port: 2222, found: 1 },
  { title: "an entry of port 22 for another port", text: `web ssh-ed25519 ${good}`, host: "web", port: 2222, found: 0 },
  { title: "a wildcard", text: `*.example ssh-ed25519 ${good}`, host: "a.example", found: 1 },
  { title: "a wildcard that is no regular expression", text: `a.c ssh-ed25519 ${good}`, host: "abc", found: 0 },
  { title: "a negated name", text: `*.example,!b.example ssh-ed25519 ${good}`, host: "b.example", found: 0 },
  { title: "several keys", text: `web ssh-ed25519 ${good}\nweb ssh-ed25519 ${other}\n`, host: "web", found: 2 },
  { title: "comments and blank lines", text: `# web\n\n  \nweb\n`, host: "web", found: 0 },
  { title: "an authority", text: `@cert-authority * ssh-ed25519 ${good}`, host: "web", found: 0 },
];
for (const { title, text, host, port, found } of lookups) {
  test(`known_hosts: ${title} gives ${found} keys`, () => {
    assert.equal(knownKeys(text, host, port ?? 22).length, found);
  });
}

test("known_hosts: entries that ssh-keygen -H hashed are found", () => {
  const file = known(`web ssh-ed25519 ${good}\n[web]:2222 ssh-ed25519 ${other}\n`);
  execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
  const hashed = readFileSync(file, "utf8");
  assert.doesNotMatch(hashed, /web/);
  assert.deepEqual(knownKeys(hashed, "web", 22), [{ type: "ssh-ed25519", blob, revoked: false }]);
  assert.deepEqual(knownKeys(hashed, "web", 2222), [{ type: "ssh-ed25519", blob: otherBlob, revoked: false }]);
  assert.deepEqual(knownKeys(hashed, "elsewhere", 22), []);
});

test("a fingerprint is the one that ssh-keygen -l shows", () => {
  const file = known(`ssh-ed25519 ${good}\n`);
  assert.equal(fingerprint(blob), execFileSync("ssh-keygen", ["-lf", file], { encoding: "utf8" }).split(" ")[1]);
});

for (const form of [`ssh-ed25519 ${good}`, `ssh-ed25519 ${good} root@web\n`, `web ssh-ed25519 ${good}`]) {
  test(`a pinned key is taken as "${form.slice(0, 20)}…" and decides alone`, () => {
    const policy = hostKeyPolicy({ host: "web", hostKey: form, knownHostsFile: known(`web ssh-ed25519 ${other}`) });
    assert.deepEqual(policy.algorithms, ["ssh-ed25519"]);
    assert.equal(policy.refusal(blob), undefined);
    const refusal = policy.refusal(otherBlob);
    assert.equal(refusal?.kind, "host-key");
    assert.ok(refusal?.what.includes(`got ${fingerprint(otherBlob)}, pinned ${fingerprint(blob)}`), refusal?.what);
  });
}

for (const hostKey of ["", "ssh-ed25519", "AAAA", "ssh-ed25519 AAAA", "ssh-rsa " + good, "ssh-foo " + good]) {
  test(`a hostKey that is no key is refused before anything is dialled: "${hostKey.slice(0, 16)}"`, () => {
    assert.throws(
      () => hostKeyPolicy({ host: "web", hostKey }),
      (error) => error instanceof Failure && error.kind === "host-key" && /is not a public key/.test(error.what),
    );
  });
}

test("an RSA key is negotiated with SHA-2 first", () => {
  const type = Buffer.from("ssh-rsa");
  const rsa = Buffer.concat([Buffer.from([0, 0, 0, type.length]), type, Buffer.from([0, 0, 0, 1, 3])]);
  const policy = hostKeyPolicy({ host: "web", hostKey: `ssh-rsa ${rsa.toString("base64")}` });
  assert.deepEqual(policy.algorithms, ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]);
});

test("an unknown host is refused with the line that gets its key", () => {
  const file = known("");
  const refusal = hostKeyPolicy({ host: "10.0.0.1", port: 2222, knownHostsFile: file }).refusal(blob);
  assert.ok(refusal?.next.includes("ssh-keyscan -t ed25519 -p 2222 10.0.0.1"), refusal?.next);
  assert.ok(refusal?.next.includes("hostKey") && refusal?.next.includes(file), refusal?.next);
});

test("a missing known_hosts file knows nobody", () => {
  const refusal = hostKeyPolicy({ host: "web", knownHostsFile: join(dir, "none") }).refusal(blob);
  assert.match(refusal?.what ?? "", /host key is not known/);
});

test("a revoked key is refused although another line knows it", () => {
  const file = known(`web ssh-ed25519 ${good}\n@revoked * ssh-ed25519 ${good}\n`);
  assert.match(hostKeyPolicy({ host: "web", knownHostsFile: file }).refusal(blob)?.what ?? "", /@revoked/);
});

test("a known host with another key is refused, one of several keys is taken", () => {
  const one = hostKeyPolicy({ host: "web", knownHostsFile: known(`web ssh-ed25519 ${good}`) });
  assert.match(one.refusal(otherBlob)?.what ?? "", /does not match/);
  const two = known(`web ssh-ed25519 ${other}\nweb ssh-ed25519 ${good}`);
  assert.equal(hostKeyPolicy({ host: "web", knownHostsFile: two }).refusal(blob), undefined);
});

test("any key is taken only when that was asked for", () => {
  const policy = hostKeyPolicy({ host: "web", insecureIgnoreHostKey: true });
  assert.equal(policy.insecure, true);
  assert.equal(policy.refusal(blob), undefined);
  assert.equal(
    hostKeyPolicy({ host: "web", hostKey: `ssh-ed25519 ${good}`, insecureIgnoreHostKey: true }).insecure,
    false,
  );
});
