import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, describe, identityOf, toCommandConnection } from "../../../infra/host/connection.js";
import type { Connection } from "../../../infra/host/types.js";

const blob = "AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS";

test("a connection is described without secrets, with its jump host", () => {
  assert.equal(describe({ host: "198.18.1.11" }), "root@198.18.1.11:22");
  assert.equal(
    describe({ host: "rs1", port: 2222, user: "ops", password: "hidden", proxy: { host: "jump", user: "me" } }),
    "ops@rs1:2222 via me@jump",
  );
  assert.equal(describe({ host: "a", proxy: { host: "jump", port: 2200 } }), "root@a:22 via root@jump:2200");
  assert.equal(addressOf({ host: "2001:db8::1" }), "[2001:db8::1]:22");
});

test("two connections share a link only when they are equal in every field, in any order", () => {
  const one: Connection = { host: "a", user: "u", password: "p", proxy: { host: "j", port: 1 } };
  const same: Connection = { proxy: { port: 1, host: "j" }, password: "p", user: "u", host: "a", port: undefined };
  assert.equal(identityOf(one), identityOf(same));
  const others: Connection[] = [
    { ...one, password: "q" },
    { ...one, hostKey: "k" },
    { ...one, proxy: { host: "j", port: 2 } },
    { ...one, proxy: undefined },
  ];
  assert.equal(new Set([one, ...others].map(identityOf)).size, 5);
  assert.doesNotMatch(identityOf({ host: "a", password: "hunter22" }), /hunter22/);
});

test("a connection goes to @pulumi/command and back with all the fields that it knows", () => {
  const shared = {
    host: "a",
    port: 2222,
    user: "u",
    password: "p",
    privateKey: "k",
    privateKeyPassword: "kp",
    agentSocketPath: "/s",
    hostKey: `ssh-ed25519 ${blob}`,
    dialErrorLimit: -1,
    perDialTimeout: 0,
  };
  const proxy = { ...shared, host: "jump" };
  const full: Connection = { ...shared, sudo: true, sudoPassword: "s", knownHostsFile: "/f", proxy };
  assert.deepEqual(toCommandConnection(full), { ...shared, proxy });
  assert.deepEqual(toCommandConnection({ host: "a" }), { host: "a" });
});

test("@pulumi/command gets a pinned key as the one line that it can read", () => {
  const scanned = `# a comment\n[127.0.0.1]:2222 ssh-ed25519 ${blob}\n`;
  assert.equal(toCommandConnection({ host: "a", hostKey: scanned }).hostKey, `ssh-ed25519 ${blob}`);
});
