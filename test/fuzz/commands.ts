import assert from "node:assert/strict";
import { compile } from "../../infra/host/batch.js";
import type { Step } from "../../infra/host/types.js";
import { scriptText } from "../../infra/linux/script.js";
import type { HostPlan } from "../../infra/plan/types.js";
import { changeAll, keysOf, readAll, type Wants } from "../../infra/provider/sections.js";

/** Programs that nouns run; whatever else would be run was never meant. */
const programs = new Set(
  "sh ip ip6tables iptables systemctl modprobe chown chmod sync ipvsadm keepalived id".split(" "),
);
/** Texts for `sh -c` that are no file of infra/linux/sh. */
const fixed = new Set(["[ ! -e /proc/net/ip_vs ] || ! command -v ipvsadm >/dev/null || ipvsadm -L --daemon"]);

/** The steps that bring an empty host to a plan, and those that read it. */
export function stepsOf(plan: HostPlan | Wants): Step[] {
  const wants = plan as Wants;
  return [...readAll(keysOf(wants)).steps, ...changeAll({}, wants, {})];
}

/**
 * No command is built from text: programs and scripts are ours, the rest are arguments, and none of them is taken for an
 * option. What the shell gets is those arguments, word for word.
 */
export function assertCommands(steps: readonly Step[], names: readonly string[]): void {
  for (const { argv } of steps) {
    const [program = "", flag, text = "", name = ""] = argv;
    assert.ok(programs.has(program), `an unknown program: ${program}`);
    if (program === "sh") {
      assert.equal(flag, "-c");
      assert.ok(fixed.has(text) || text === scriptText(name), `a script that is not ours: ${text}`);
    }
    argv.forEach((word, index) => {
      if (!word.startsWith("-") || !names.includes(word)) return;
      const args = program === "sh" ? 4 : 1;
      assert.ok(program === "sh" || argv.slice(args, index).includes("--"), `an option: ${argv.join(" ")}`);
    });
  }
  const nonce = "0".repeat(32);
  const words = unquoted(compile([...steps], nonce).script.toString(), nonce);
  assert.deepEqual(
    words,
    steps.map(({ argv }) => argv),
  );
}

/** The words of each command of a batch's script, as sh(1) takes them: single quotes, and a backslash before one. */
function unquoted(script: string, nonce: string): string[][] {
  const commands: string[][] = [];
  const start = /\ntimeout -k \d+ \d+ /g;
  const input = new RegExp(`<<'E${nonce}' >[^\\n]*\\n`, "y");
  while (start.exec(script) !== null) {
    let at = start.lastIndex;
    const words: string[] = [];
    while (script[at] === "'") {
      let word = "";
      while (script[at] === "'" || script[at] === "\\") {
        if (script[at] === "\\") [word, at] = [word + (script[at + 1] ?? ""), at + 2];
        else {
          const end = script.indexOf("'", at + 1);
          [word, at] = [word + script.slice(at + 1, end), end + 1];
        }
      }
      words.push(word);
      at++;
    }
    commands.push(words);
    // What a command is fed with may hold such a line, too.
    input.lastIndex = at;
    start.lastIndex = input.test(script) ? script.indexOf(`\nE${nonce}\n`, input.lastIndex - 1) : at;
  }
  return commands;
}
