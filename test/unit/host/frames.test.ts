import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../../../infra/host/batch.js";
import { Failure } from "../../../infra/host/errors.js";
import { type Answer, AnswerReader, streamLimit } from "../../../infra/host/frames.js";
import type { Step } from "../../../infra/host/types.js";

const n = "0123456789abcdef0123456789abcdef";
const steps: Step[] = [
  { argv: ["one"], title: "doing one" },
  { argv: ["two"], accept: [3] },
];
const whole = `\n${n} B\n${n} S 0\n${n} R 0 3\nout1\n\n${n}\nerr1\n${n}\n\n${n}\n\n${n}\n${n} .\n`;

function read(text: string, size: number, of = steps): { answer?: Answer; titles: number[] } {
  const titles: number[] = [];
  const reader = new AnswerReader(compile(of, n), (index) => titles.push(index));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  return { answer: reader.answer, titles };
}

const expected = {
  timedOut: false,
  results: [
    { argv: ["one"], code: 0, stdout: "out1\n", stderr: "err1" },
    { argv: ["two"], code: 3, stdout: "", stderr: "" },
  ],
};

for (const size of [1, 2, 7, 64, 10_000]) {
  test(`an answer is read the same in pieces of ${size} bytes`, () => {
    assert.deepEqual(read(whole, size), { answer: expected, titles: [0] });
  });
}

test("banners and rc files may print before the answer", () => {
  assert.deepEqual(read(`Welcome!\n${n} is not yet a frame\nno newline at the end${whole}`, 5).answer, expected);
});

test("no part of an answer is taken for a whole one", () => {
  for (let end = 0; end < whole.length; end++) assert.equal(read(whole.slice(0, end), 50).answer, undefined, `${end}`);
});

test("a step that ran into its limit is told from one with the same code", () => {
  const one: Step[] = [{ argv: ["one"], accept: "any" }];
  const answer = (codes: string): string => `\n${n} B\n${n} R ${codes}\n\n${n}\n\n${n}\n${n} .\n`;
  assert.equal(read(answer("124"), 9, one).answer?.timedOut, false);
  assert.equal(read(answer("124t"), 9, one).answer?.timedOut, true);
});

test("what a step tells is given as it can be shown, and its words have an end", () => {
  const telling: Step[] = [{ argv: ["one"], title: "doing one", tells: true }];
  const told: (string | undefined)[] = [];
  const reader = new AnswerReader(compile(telling, n), (_index, words) => told.push(words));
  reader.push(Buffer.from(`\n${n} B\n${n} S 0\n${n} T 0 waiting for ä, \x1b[31m2 s\n`));
  assert.deepEqual(told, [undefined, "waiting for ä, \\u{1b}[31m2 s"]);
  assert.throws(() => reader.push(Buffer.from(`${n} T 0 again\n`.repeat(5000))), /endless words/);
});

const begun = `\n${n} B\n`;
const odd: Record<string, string> = {
  "text between the frames": `${begun}hello\n`,
  "a frame with another mark": `${begun}${n.replace("0", "f")} R 0 3\n`,
  "an unknown frame": `${begun}${n} Q 1\n`,
  "a title of a step that has none": `${begun}${n} S 1\n`,
  "a title of a step that does not exist": `${begun}${n} S 7\n`,
  "the same title twice": `${begun}${n} S 0\n${n} S 0\n`,
  "words of a step that tells nothing": `${begun}${n} S 0\n${n} T 0 hello\n`,
  "words without a step": `${begun}${n} T\n`,
  "an exit code that is none": `${begun}${n} R 0 x\n`,
  "more exit codes than steps": `${begun}${n} R 0 0 0\n`,
  "fewer exit codes than steps although none failed": `${begun}${n} R 0\n`,
  "a step after one that failed": `${begun}${n} R 1 0\n`,
  "something after the end": `${whole}x`,
  "something else instead of the end": whole.replace(`${n} .`, `${n} ,`),
};
for (const [title, text] of Object.entries(odd)) {
  test(`an answer is refused for ${title}`, () => {
    for (const size of [1, 1000]) {
      assert.throws(
        () => read(text, size),
        (error) => error instanceof Failure && error.kind === "protocol" && error.what.length < 600,
      );
    }
  });
}

for (const [word, said] of Object.entries({
  timeout: /no timeout\(1\)/,
  tmp: /read-only or full/,
  input: /standard input/,
})) {
  test(`what the host lacks is told: ${word}`, () => {
    assert.throws(
      () => read(`${begun}${n} X ${word}\n`, 100),
      (error) => error instanceof Failure && error.kind === "protocol" && said.test(error.what),
    );
  });
}

test("a flood is stopped, as output and as noise", () => {
  const flood = (start: string): void => {
    const reader = new AnswerReader(compile(steps, n), () => undefined);
    reader.push(Buffer.from(start));
    const chunk = Buffer.alloc(64 * 1024, "x");
    for (let sent = 0; sent < streamLimit + 2 * chunk.length; sent += chunk.length) reader.push(chunk);
  };
  const refused = (what: RegExp) => (error: unknown) =>
    error instanceof Failure && error.kind === "protocol" && what.test(error.what) && error.what.length < 600;
  assert.throws(() => flood(`${begun}${n} R 0 3\n`), refused(/"one" printed more than 8 MiB/));
  assert.throws(() => flood("noise"), refused(/only noise/));
});
