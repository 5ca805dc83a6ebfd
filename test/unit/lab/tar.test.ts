import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { tar } from "../../../infra/lab/tar.js";

const entries = [
  { path: "etc/hostname", mode: 0o644, content: "rs1\n" },
  { path: "root/.ssh/", mode: 0o700 },
  { path: "root/.ssh/authorized_keys", mode: 0o600, content: "k".repeat(512) },
  { path: "etc/näme", mode: 0o600, content: "" },
];

test("an archive is a multiple of 512 bytes, as a disk must be", () => {
  for (const content of ["", "x", "x".repeat(511), "x".repeat(512), "x".repeat(513)]) {
    assert.equal(tar([{ path: "a", mode: 0o644, content }], 1).length % 512, 0);
  }
});

test("the system's tar unpacks names, modes, times and bytes as they were given", (t) => {
  const dir = mkdtempSync(join(tmpdir(), "lab-tar-"));
  t.after(() => rmSync(dir, { recursive: true }));
  execFileSync("tar", ["--extract", "--same-permissions", "--directory", dir], { input: tar(entries, 1_700_000_000) });
  for (const { path, mode, content } of entries) {
    const found = statSync(join(dir, path));
    assert.equal(found.mode & 0o777, mode, path);
    assert.equal(found.isDirectory(), path.endsWith("/"), path);
    if (content !== undefined) {
      assert.equal(readFileSync(join(dir, path), "utf8"), content, path);
      assert.equal(found.mtimeMs, 1_700_000_000_000, path);
    }
  }
});

test("the same contents give the same bytes", () => {
  assert.deepEqual(tar(entries, 5), tar(entries, 5));
});

test("a path that does not fit into a header is refused instead of cut", () => {
  assert.throws(() => tar([{ path: "a".repeat(101), mode: 0o644, content: "" }], 1), RangeError);
});
