import assert from "node:assert/strict";
import { formatProblem, SpecError, type Problem } from "../../infra/spec/index.js";

/** What would move a terminal's cursor, end a line or turn the direction of writing; what is half a character. */
// eslint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Cs}/u;

/** Words that only a program says that has lost its way. */
const lost = /undefined|\[object |Invalid input|Symbol\(/;

/** What each refusal owes to whoever reads it: a place, a rule, what stands there, a next step, on one line of bearable length. */
export function assertRefusal(problems: readonly Problem[]): void {
  assert.notEqual(problems.length, 0, "a refusal must give a problem");
  for (const problem of problems) {
    const line = formatProblem(problem);
    assert.match(problem.path, /^(cluster|lab)\b/, line);
    for (const part of [problem.rule, problem.got, problem.next]) assert.notEqual(part.trim(), "", line);
    assert.match(problem.next, /[.?]$/, line);
    assert.doesNotMatch(line, unprintable, JSON.stringify(line));
    assert.ok(line.length < 2000, `${line.length} characters: ${line.slice(0, 200)}`);
    // What the user wrote may hold such words; it stands in quotes.
    assert.doesNotMatch(line.replace(/"(\\.|[^"\\])*"|"(\\.|[^"\\])*…"/g, '""'), lost, line);
  }
  assert.equal(new SpecError([...problems]).message.split("\n").length, problems.length + 1);
}

/** No secret of `canaries` is in what people see. */
export function assertHidden(shown: unknown, canaries: readonly string[]): void {
  const text = typeof shown === "string" ? shown : JSON.stringify(shown);
  for (const canary of canaries)
    assert.ok(!text.includes(canary), `shows the secret ${canary}: ${around(text, canary)}`);
}

function around(text: string, canary: string): string {
  const at = text.indexOf(canary);
  return text.slice(Math.max(0, at - 100), at + canary.length + 50);
}
