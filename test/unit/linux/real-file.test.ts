import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { localHost } from "../../../infra/host/local.js";
import { file } from "../../../infra/linux/file.js";
import { noSandbox, Sandbox } from "../render/sandbox.js";
import { readOne, skip } from "./namespace.js";

const host = localHost();
const root = { owner: "root", group: "root" };

describe("files on this machine", { skip }, () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(join(tmpdir(), "lvs-file-"))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  /** Everything in the folder: type, mode, owner, and what it holds. */
  function tree(at = folder): string[] {
    return fs
      .readdirSync(at)
      .sort()
      .flatMap((name) => {
        const path = join(at, name);
        const { mode, uid, gid } = fs.lstatSync(path);
        const is = fs.lstatSync(path);
        const holds = is.isSymbolicLink() ? fs.readlinkSync(path) : is.isFile() ? fs.readFileSync(path, "hex") : "";
        return [`${path} ${mode.toString(8)} ${uid}:${gid} ${holds}`, ...(is.isDirectory() ? tree(path) : [])];
      });
  }

  const before: Record<string, (path: string) => void> = {
    "a text": (path) => fs.writeFileSync(path, "one\n\ttwo ${secret:x} 'ü' without an end", { mode: 0o640 }),
    "an empty file": (path) => fs.writeFileSync(path, ""),
    "bytes that are no text": (path) =>
      fs.writeFileSync(path, Buffer.concat([randomBytes(4096), Buffer.from([0, 255, 10])])),
    "a NUL": (path) => fs.writeFileSync(path, "a\0b\n"),
    "a setuid file of somebody else": (path) => {
      fs.writeFileSync(path, "x");
      fs.chownSync(path, 4711, 4712);
      fs.chmodSync(path, 0o4755);
    },
    "a link that leads nowhere": (path) => fs.symlinkSync("../nowhere at all", path),
    nothing: () => undefined,
  };
  for (const [what, make] of Object.entries(before)) {
    test(`${what} is replaced, read back and restored byte for byte`, async () => {
      const path = join(folder, "it's a $(name)");
      make(path);
      const had = tree();
      const want = { content: "new\n", mode: "0600", ...root };
      const found = await readOne(host, file, path);
      await host.run(file.change(path, found, want));
      assert.equal(fs.readFileSync(path, "utf8"), "new\n");
      const have = await readOne(host, file, path);
      assert.equal(file.equal(have, want), true);
      assert.deepEqual(file.change(path, have, want), []);
      await host.run(file.restore(path, have, found));
      assert.deepEqual(tree(), had);
      assert.deepEqual(await readOne(host, file, path), found);
    });
  }

  test("folders made on the way go with the file, unless somebody put something there", async () => {
    for (const guest of [false, true]) {
      const path = join(folder, "a/b/c");
      const found = await readOne(host, file, path);
      assert.deepEqual(found, { state: "absent", trace: [join(folder, "a"), join(folder, "a/b")] });
      await host.run(file.change(path, found, { content: "x", mode: "0644", ...root }));
      if (guest) fs.writeFileSync(join(folder, "a/guest"), "");
      await host.run(file.restore(path, await readOne(host, file, path), found));
      assert.deepEqual(fs.readdirSync(folder), guest ? ["a"] : []);
    }
    assert.deepEqual(fs.readdirSync(join(folder, "a")), ["guest"]);
  });

  test("a folder, a device, a file in place of a parent and more than 1 MiB cannot be read", async () => {
    fs.writeFileSync(join(folder, "big"), Buffer.alloc(1024 * 1024 + 1));
    for (const path of [folder, "/dev/null", join(folder, "big"), join(folder, "big/x")]) {
      const reading = await readOne(host, file, path);
      assert.equal(reading.state, "unreadable", path);
      assert.throws(() => file.change(path, reading, { content: "", mode: "0644", ...root }), /must be readable/);
    }
  });

  test("five files of 1 MiB are read in one batch", async () => {
    const paths = [1, 2, 3, 4, 5, 6].map((number) => join(folder, String(number)));
    for (const path of paths) fs.writeFileSync(path, randomBytes(1024 * 1024));
    const query = file.read(paths);
    const readings = query.parse(await host.run(query.steps));
    for (const path of paths) {
      const reading = readings[path]!;
      assert.ok(reading.state === "present" && "content" in reading.value);
      assert.ok(Buffer.from(reading.value.content, "base64").equals(fs.readFileSync(path)));
    }
  });

  test("a write that is killed half-way leaves the old file whole; the next write clears what it left", async () => {
    const path = join(folder, "conf");
    fs.writeFileSync(path, "old\n");
    const want = { content: "new\n", mode: "0600", ...root };
    const found = await readOne(host, file, path);
    const [step] = file.change(path, found, want);
    const [command = "", ...args] = step!.argv;
    const child = spawn(command, args, { stdio: ["pipe", "ignore", "inherit"], detached: true });
    child.stdin.write("half of");
    const left = () => fs.readdirSync(folder).filter((name) => /^\.conf\.pulumi-lvs\.\w{6}$/.test(name));
    const deadline = Date.now() + 10_000;
    while (!left().some((name) => fs.readFileSync(join(folder, name), "utf8") === "half of")) {
      if (Date.now() > deadline) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const half = left();
    process.kill(-child.pid!, "SIGKILL");
    await once(child, "exit");
    assert.equal(half.length, 1, "the content must go to a temporary file first");
    assert.equal(fs.readFileSync(path, "utf8"), "old\n");
    assert.equal(left().length, 1);
    await host.run(file.change(path, await readOne(host, file, path), want));
    assert.deepEqual(fs.readdirSync(folder), ["conf"]);
    assert.equal(fs.readFileSync(path, "utf8"), "new\n");
  });
});

describe("where SELinux labels files", { skip: noSandbox ?? false }, () => {
  test("one that was written, and a link that came back, get the label of their place when they are whole", async () => {
    const box = await Sandbox.open([]);
    try {
      // A stand-in for policycoreutils' own: no kernel here has SELinux.
      box.write("/usr/local/sbin/restorecon", '#!/bin/sh\necho "$*: $(cat "$2")" >>/run/labelled\n', "0755");
      const inside = localHost("inside", [...box.entry(), "/bin/sh"]);
      const path = "/etc/pulumi-lvs/iptables-rules";
      const want = { content: "whole\n", mode: "0644", ...root };
      await inside.run(file.change(path, { state: "absent" }, want));
      box.run("echo there >/etc/pulumi-lvs/target");
      const link = { state: "present" as const, value: { link: "target", ...root } };
      await inside.run(file.restore(path, await readOne(inside, file, path), link));
      assert.equal(box.run("cat /run/labelled"), `-- ${path}: whole\n-- ${path}: there\n`);
    } finally {
      box.close();
    }
  });
});
