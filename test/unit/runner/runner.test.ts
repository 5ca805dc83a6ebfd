import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { programs, tests } from "../../runner/phases.js";
import { summary } from "../../runner/summary.js";

const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** The outcome of a phase over test files with these bodies. */
async function outcome(...bodies: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "lvs-runner-"));
  folders.push(folder);
  const head = `import { describe, test } from "node:test";\n`;
  bodies.forEach((body, index) => writeFileSync(join(folder, `${index}.test.ts`), head + body));
  // A runner inside a test of node:test would otherwise report to the outer one only.
  const context = process.env["NODE_TEST_CONTEXT"];
  delete process.env["NODE_TEST_CONTEXT"];
  try {
    const phase = tests("unit", folder, { concurrency: 2, minutes: 1, quiet: true });
    const { failures, ...counts } = await phase.run(new AbortController().signal);
    return { ...counts, failures: failures.map((line) => line.replace(/\S*\/(?=\d\.test)/g, "")) };
  } finally {
    if (context !== undefined) process.env["NODE_TEST_CONTEXT"] = context;
  }
}

describe("a phase of the test command", () => {
  test("counts tests in suites and at the top, and keeps what was measured", async () => {
    const seen = await outcome(
      `describe("a", () => { test("b", (t) => t.diagnostic("figure: gap 1.2 s")); test.skip("c", () => {}); });`,
      `test("d", async (t) => { await t.test("e", () => {}); });`,
    );
    assert.deepEqual(seen, { passed: 3, skipped: 1, figures: ["figure: gap 1.2 s"], failures: [] });
  });

  test("fails with file and title of a failed test", async () => {
    const seen = await outcome(
      `test("works", () => {});\ntest("breaks", () => { throw new Error("no route\\nmore"); });`,
    );
    assert.deepEqual(seen, { passed: 1, skipped: 0, figures: [], failures: ["0.test.ts: breaks: no route"] });
  });

  test("fails for a suite's hook once, and not again for the suite of a failed test", async () => {
    const { failures } = await outcome(
      `describe("suite", () => { test("breaks", () => { throw new Error("no"); }); });`,
      `import { before } from "node:test";\ndescribe("hooked", () => { before(() => { throw new Error("hook"); }); test("x", () => {}); });`,
    );
    assert.ok(failures.includes("0.test.ts: breaks: no"));
    assert.ok(!failures.some((line) => line.includes("suite:")), failures.join("\n"));
    assert.ok(
      failures.some((line) => /1\.test\.ts: (hooked|x): .*/.test(line)),
      failures.join("\n"),
    );
  });

  test("fails for a file that has no test", async () => {
    const { failures, passed } = await outcome(`test("a", () => {});`, `describe;`);
    assert.equal(passed, 1);
    assert.deepEqual(failures, ["1.test.ts: has no test"]);
  });

  test("fails for a file that cannot be loaded", async () => {
    const { failures } = await outcome(`import "./missing.js";`);
    assert.ok(failures.length > 0);
  });

  test("fails when every test is skipped", async () => {
    const { failures, skipped } = await outcome(`test.skip("a", () => {});`);
    assert.equal(skipped, 1);
    assert.deepEqual(failures, ["unit: no test ran to its end"]);
  });

  test("fails without a test file", async () => {
    assert.match((await outcome()).failures.join(), /: no test file$/);
  });

  test("of whole programs counts each by its exit code", async () => {
    const phase = programs("lint", [
      ["good", ["-e", ""]],
      ["bad", ["-e", "process.exit(3)"]],
    ]);
    const { passed, failures } = await phase.run(new AbortController().signal);
    assert.deepEqual({ passed, failures }, { passed: 1, failures: ["bad: exited 3"] });
  });
});

test("the summary ends with the totals on a line of their own", () => {
  const text = summary([
    { name: "unit", seconds: 1.25, passed: 2, skipped: 0, failures: [], figures: ["figure: gap 1 s"] },
    { name: "lab", seconds: 60, passed: 3, skipped: 1, failures: ["a: b"], figures: [] },
  ]);
  assert.match(text, /^# figure: gap 1 s$/m);
  assert.match(text, /^ {2}lab: a: b$/m);
  assert.match(text, /^lab +3 +1 +1 +60\.0$/m);
  assert.equal(text.trimEnd().split("\n").pop(), "5 passed, 1 failed, 1 skipped");
});
