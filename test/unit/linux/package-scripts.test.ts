import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { shellWord } from "../../../infra/host/text.js";
import { installPackages, purgePackages, readPackages } from "../../../infra/linux/package-scripts.js";
import { shells } from "../host/shells.js";
import { casesOf } from "./case-files.js";

/** A script on a host whose tools say what real ones have said: `[tool, pattern of its arguments, exit code, words]`. */
interface HostCase {
  title: string;
  /** os-release(5). */
  release: string;
  tools: string[];
  script: string;
  args: string[];
  said: [string, string, number, string][];
  /** Seconds that a lock is waited for. */
  patience?: number;
  ostree?: boolean;
  printed: string;
  /** The commands that were run, where it matters which. */
  ran?: string[];
  code?: number;
  stderr?: string;
}

const basics = ["sh", "mktemp", "rm", "cat", "sed", "grep", "sort", "tr", "sleep", "stat", "cmp", "mv"];
const steps = {
  "read-packages": readPackages([]),
  "install-packages": installPackages([]),
  "purge-packages": purgePackages([], [], []),
};

describe("the scripts for packages", () => {
  let dir: string;
  before(() => void (dir = mkdtempSync(join(tmpdir(), "lvs-packages-"))));
  after(() => rmSync(dir, { recursive: true }));

  for (const [at, each] of casesOf<HostCase>("package", "hosts").entries())
    test(each.title, () => {
      const here = join(dir, String(at));
      const bin = join(here, "bin");
      mkdirSync(bin, { recursive: true });
      for (const name of basics) symlinkSync(join(real(name), name), join(bin, name));
      writeFileSync(join(here, "release"), each.release);
      writeFileSync(join(here, "log"), "");
      if (each.ostree) writeFileSync(join(here, "ostree"), "");
      for (const tool of each.tools)
        writeFileSync(join(bin, tool), stub(tool, each, join(here, "log")), { mode: 0o755 });
      const text = steps[each.script as keyof typeof steps].argv[2]!.replaceAll(
        "/etc/os-release",
        join(here, "release"),
      )
        .replaceAll("/run/ostree-booted", join(here, "ostree"))
        .replace(/^patience=\d+$/m, (line) => (each.patience === undefined ? line : `patience=${each.patience}`));
      for (const [shell = "", ...words] of shells) {
        writeFileSync(join(here, "log"), "");
        const { status, stdout, stderr } = spawnSync(shell, [...words, "-c", text, each.script, ...each.args], {
          env: { PATH: bin, LC_ALL: "C", TMPDIR: here },
          encoding: "utf8",
          // bash takes a socket, which a pipe of Node is, for a remote login and reads the user's files.
          stdio: ["ignore", "pipe", "pipe"],
          timeout: 60_000,
        });
        assert.equal(stdout, each.printed, `${shell}: ${stderr}`);
        assert.equal(status, each.code ?? 0, `${shell}: ${stderr}`);
        if (each.stderr !== undefined) assert.ok(stderr.includes(each.stderr), `${shell}: ${stderr}`);
        if (each.ran) assert.deepEqual(readFileSync(join(here, "log"), "utf8").split("\n").slice(0, -1), each.ran);
      }
    });
});

function real(name: string): string {
  const found = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
  return found.slice(0, found.lastIndexOf("/"));
}

/** A tool that answers by the first pattern that fits its arguments; one that is asked what nobody foresaw fails. */
function stub(tool: string, { said }: HostCase, log: string): string {
  const answers = said
    .filter(([name]) => name === tool)
    .map(
      ([, pattern, code, words]) => `${pattern.replaceAll(" ", "\\ ")}) printf %s ${shellWord(words)}; exit ${code} ;;`,
    );
  return [
    "#!/bin/sh",
    `printf '%s\\n' "${tool} $*" >>${log}`,
    'case "$*" in',
    ...answers,
    'esac; echo "error: unforeseen: $*" >&2; exit 99',
  ].join("\n");
}
