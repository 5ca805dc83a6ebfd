import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { managers } from "../../../infra/linux/network-manager.js";
import { shells } from "../host/shells.js";
import { casesOf } from "./case-files.js";

/** What a host's tools answer: by `<tool> <arguments>`, words and, after a `!`, an exit code other than 0. */
interface Case {
  title: string;
  interfaces: string[];
  /** Kinds of those that are no plain ones, as in uevent's DEVTYPE. */
  types?: Record<string, string>;
  files?: string[];
  said: Record<string, string>;
  claims: Record<string, object[] | null>;
}

const dir = mkdtempSync(join(tmpdir(), "lvs-managers-"));
after(() => rmSync(dir, { recursive: true }));

/** A tool that gives one of the answers, and fails at what nobody asked of it. */
function stub(tool: string, said: Record<string, string>): string {
  const arms = Object.entries(said)
    .filter(([call]) => call.split(" ")[0] === tool)
    .map(([call, words]) => {
      const [text = "", code = "0"] = words.split("!");
      return `"${call.slice(tool.length + 1)}") printf '%s' '${text}'; exit ${code} ;;`;
    });
  return ["#!/bin/sh", 'case "$*" in', ...arms, "*) exit 4 ;;", "esac", ""].join("\n");
}

describe("the managers of a host's interfaces", () => {
  for (const [at, { title, interfaces, types = {}, files = [], said, claims }] of casesOf<Case>(
    "network",
    "hosts",
  ).entries())
    test(title, () => {
      const here = join(dir, String(at));
      const bin = join(here, "bin");
      mkdirSync(bin, { recursive: true });
      for (const name of ["sh", "sed", "cut"]) symlinkSync(`/usr/bin/${name}`, join(bin, name));
      for (const tool of new Set(Object.keys(said).map((call) => call.split(" ")[0]!)))
        writeFileSync(join(bin, tool), stub(tool, said), { mode: 0o755 });
      for (const dev of Object.keys(claims).filter((name) => claims[name] !== null)) {
        mkdirSync(join(here, "sys", dev), { recursive: true });
        const type = types[dev] === undefined ? "" : `DEVTYPE=${types[dev]}\n`;
        writeFileSync(join(here, "sys", dev, "uevent"), `${type}INTERFACE=${dev}\nIFINDEX=3\n`);
      }
      mkdirSync(join(here, "ifcfg"));
      for (const file of files) writeFileSync(join(here, "ifcfg", file), "");
      const query = managers(interfaces);
      const text = query.steps[0]!.argv[2]!.replaceAll("/sys/class/net", join(here, "sys")).replaceAll(
        "/etc/sysconfig/network-scripts",
        join(here, "ifcfg"),
      );
      for (const [shell = "", ...words] of shells) {
        const { status, stdout, stderr } = spawnSync(shell, [...words, "-c", text, "read-network", ...interfaces], {
          env: { PATH: bin },
          encoding: "utf8",
          stdio: ["ignore", "pipe", "pipe"],
          timeout: 60_000,
        });
        assert.equal(status, 0, stderr);
        const answer = query.parse([{ argv: [], code: 0, stdout, stderr }]);
        assert.ok(answer.uptime > 0);
        const expected = Object.entries(claims).map(([dev, each]) => [dev, each ?? undefined]);
        assert.deepEqual(answer.claims, Object.fromEntries(expected), `${shell}: ${stdout}${stderr}`);
      }
    });
});
