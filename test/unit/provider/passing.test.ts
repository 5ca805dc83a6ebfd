import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { CommandError } from "../../../infra/host/errors.js";
import { localHost } from "../../../infra/host/local.js";
import type { Host, Step } from "../../../infra/host/types.js";
import { file } from "../../../infra/linux/file.js";
import { withPassingFiles } from "../../../infra/provider/passing.js";

const folder = mkdtempSync(join(tmpdir(), "lvs-passing-"));
const key = join(folder, "site.pem.candidate.key");
after(() => rmSync(folder, { recursive: true }));

const me = { owner: String(process.getuid!()), group: String(process.getgid!()) };
const write = file.change(key, { state: "absent" }, { content: "a private key\n", mode: "0600", ...me });
const look: Step = { argv: ["cat", key] };

/** A context that remembers what was said. */
function context(signal = new AbortController().signal) {
  const warned: string[] = [];
  return { warned, signal, warn: (message: string) => void warned.push(message) };
}

describe("a file that the host needs for a moment, such as a key", () => {
  test("is there for the steps, and gone after them", async () => {
    const results = await withPassingFiles(context(), localHost(), [key], [...write, look]);
    assert.equal(results.length, write.length + 1);
    assert.equal(results.at(-1)!.stdout, "a private key\n");
    assert.ok(!existsSync(key));
  });

  for (const [title, broken] of [
    ["fails", { argv: ["false"] }],
    ["does not end within its limit", { argv: ["sleep", "30"], timeoutSeconds: 1 }],
    ["is no command of the host", { argv: ["no-such-command"] }],
  ] as [string, Step][])
    test(`is gone when a step after it ${title}, and the error is that of the step`, async () => {
      let there = false;
      const host: Host = {
        name: "local",
        run: async (steps, options) => {
          try {
            return await localHost().run(steps, options);
          } finally {
            // After the batch that failed, before the one that removes: the test sees what it is about.
            if (steps.length > 1) there = readFileSync(key, "utf8") !== "" && (statSync(key).mode & 0o777) === 0o600;
          }
        },
      };
      const { warned, ...rest } = context();
      await assert.rejects(withPassingFiles(rest, host, [key], [...write, broken]), (error: unknown) => {
        assert.ok(error instanceof CommandError);
        assert.deepEqual(error.argv, broken.argv);
        return true;
      });
      assert.ok(there, "the failing step left it");
      assert.ok(!existsSync(key));
      assert.deepEqual(warned, []);
    });

  test("is named when the host cannot be reached any more to remove it", async () => {
    const lost = new Error("connection lost");
    const host: Host = { name: "rs1", run: () => Promise.reject(lost) };
    const { warned, ...rest } = context();
    await assert.rejects(withPassingFiles(rest, host, [key], write), lost);
    assert.equal(warned.length, 1);
    assert.match(warned[0]!, new RegExp(`^rs1: ${key} may have been left there \\(connection lost\\)`));
  });
});
