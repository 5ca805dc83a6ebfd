import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, test } from "node:test";
import { refreshAsked, saysRefresh } from "../../../infra/provider/engine-flags.js";
import { overwriting, overwritten } from "../../../infra/provider/overwrite.js";
import type { Readings, Wants } from "../../../infra/provider/sections.js";

const owner = { mode: "0644", owner: "root", group: "root" };
const present = <T>(value: T) => ({ state: "present" as const, value });

describe("what would be replaced on a host that somebody else has set up", () => {
  const have: Readings = {
    packages: { keepalived: present({}), ipvsadm: { state: "absent" } },
    files: {
      "/etc/keepalived/keepalived.conf": present({ content: "! secret\n! old\n", ...owner, mode: "0600" }),
      "/etc/same": present({ content: "same\n", ...owner }),
      "/etc/link": present({ link: "/etc/other", owner: "root", group: "root" }),
      "/etc/new": { state: "absent" },
    },
    sysctls: { "net.ipv4.ip_forward": present("0"), "net.ipv4.conf.all.arp_ignore": present("1") },
    units: { "keepalived.service": present({ enabled: false, active: true, file: "disabled" }) },
  };
  const want: Wants = {
    packages: { keepalived: {}, ipvsadm: {} },
    files: {
      "/etc/keepalived/keepalived.conf": { content: "# ours\n", ...owner },
      "/etc/same": { content: "same\n", ...owner },
      "/etc/link": { content: "text\n", ...owner },
      "/etc/new": { content: "", ...owner },
    },
    sysctls: { "net.ipv4.ip_forward": "1", "net.ipv4.conf.all.arp_ignore": "1" },
    units: { "keepalived.service": { enabled: true, active: true } },
  };

  test("is a line each, in the order of set-up; what is absent, or as it must be, is none; no content is shown", () => {
    assert.deepEqual(overwritten(have, want), [
      'files["/etc/keepalived/keepalived.conf"]: 2 lines, mode 0600 -> 1 line, mode 0644',
      'files["/etc/link"]: {"link":"/etc/other","owner":"root","group":"root"} -> 1 line, mode 0644',
      'sysctls["net.ipv4.ip_forward"]: 0 -> 1',
      'units["keepalived.service"]: disabled, running -> enabled, running',
    ]);
  });
  test("is said with what becomes of it, or that there is nothing", () => {
    assert.deepEqual(overwriting("a", ["x"]), [
      "a: asked now: this is there and would be replaced; it is kept, and put back by destroy:",
      "x",
    ]);
    assert.deepEqual(overwriting("a", []), ["a: asked now: nothing that is there would be replaced."]);
  });
});

describe("whether the engine was told to refresh", () => {
  for (const [line, asked] of [
    ["pulumi preview --refresh", true],
    ["pulumi preview --diff -r -s prod", true],
    ["/usr/bin/pulumi up --refresh=true", true],
    ["pulumi preview --diff", false],
    ["pulumi preview --refresh=false", false],
    ["pulumi refresh -r", false],
    ["pulumi preview -s refresh", false],
  ] as const)
    test(`${line}: ${asked}`, () => assert.equal(saysRefresh(line.split(" ")), asked));

  test("is read from the command line of the process that started the plugin", async () => {
    const start = (...words: string[]) =>
      spawn(process.execPath, ["-e", "process.stdin.resume()", "--", ...words], {
        stdio: ["pipe", "ignore", "ignore"],
      });
    const children = [start("preview", "--refresh"), start("preview")];
    try {
      await Promise.all(children.map((child) => new Promise((resolve) => child.once("spawn", resolve))));
      assert.deepEqual(await Promise.all(children.map((child) => refreshAsked(child.pid))), [true, false]);
    } finally {
      for (const child of children) child.kill();
    }
  });
});
