import assert from "node:assert/strict";
import { test } from "node:test";
import { displayArgv, excerpt, redact, shellWord, tail, visible } from "../../../infra/host/text.js";

test("a word is quoted so that a shell sees exactly its bytes", () => {
  assert.equal(shellWord("plain"), "'plain'");
  assert.equal(shellWord("it's"), "'it'\\''s'");
  assert.equal(shellWord(""), "''");
});

test("a command is shown as a person would type it, on one line", () => {
  assert.equal(displayArgv(["systemctl", "reload", "keepalived"]), "systemctl reload keepalived");
  assert.equal(displayArgv(["sh", "-c", "a\nb"]), "sh -c 'a\\nb'");
  assert.equal(displayArgv(["x".repeat(300)], 10), "xxxxxxxxxx…");
});

test("only the end of long output is shown", () => {
  assert.equal(tail("abc\n", 10), "abc");
  assert.equal(tail("0123456789", 3), "…789");
});

test("what a terminal would act on is shown as an escape, lines stay lines", () => {
  assert.equal(visible("a\u001b[2J\u009b\r\nb\tc\u202e"), "a\\u{1b}[2J\\u{9b}\\u{d}\nb\tc\\u{202e}");
});

test("an excerpt escapes control characters", () => {
  assert.equal(excerpt(Buffer.from("a\x1b[0m\nb")), "a\\u001b[0m\\nb");
});

test("lines of the standard input and given secrets are hidden in what a command printed", () => {
  assert.equal(redact("got: auth_pass hunter22 !", "{\n  auth_pass hunter22\n}\n"), "got: [hidden] !");
  assert.equal(redact("sudo: opensesame", undefined, ["opensesame", undefined]), "sudo: [hidden]");
  assert.equal(redact("a } b", "}\n"), "a } b");
});
