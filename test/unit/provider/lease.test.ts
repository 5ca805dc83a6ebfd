import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { localHost } from "../../../infra/host/local.js";
import type { Host } from "../../../infra/host/types.js";
import { alone } from "../../../infra/provider/lease.js";
import type { Context } from "../../../infra/provider/kind.js";

const dir = mkdtempSync(join(tmpdir(), "lease-"));
after(() => rmSync(dir, { recursive: true, force: true }));

/** A host of its own: this machine, with its lease in the test's folder. */
const host = (name: string): Host => {
  const here = localHost(name);
  return {
    name,
    run: (steps, options) =>
      here.run(
        steps.map((step) => ({
          ...step,
          argv: step.argv.map((word) => word.replaceAll("/run/pulumi-lvs.lease", join(dir, `${name}.lease`))),
        })),
        options,
      ),
  };
};
const context = (name: string, said: string[] = [], signal = new AbortController().signal): Context => ({
  urn: name,
  name,
  status: (message) => said.push(message),
  warn: (message) => said.push(message),
  info: (message) => said.push(message),
  signal,
});
const note = (text: string) => ({ argv: ["sh", "-c", `echo ${text} >>${join(dir, "log")}`] });

describe("a host that is changed by two at once", () => {
  test("is changed by one after the other, and the second says for whom it waits", async () => {
    const said: string[] = [];
    let started: () => void = () => undefined;
    const firstHasIt = new Promise<void>((resolve) => (started = resolve));
    const first = alone(context("first"), host("rs1"), async (own) => {
      await own.run([note("first-1")]);
      started();
      await own.run([{ argv: ["sleep", "1"] }, note("first-2")]);
      await own.run([note("first-3")]);
    });
    await firstHasIt;
    await Promise.all([first, alone(context("second", said), host("rs1"), (own) => own.run([note("second")]))]);
    assert.deepEqual(readFileSync(join(dir, "log"), "utf8").trim().split("\n"), [
      "first-1",
      "first-2",
      "first-3",
      "second",
    ]);
    assert.match(said[0]!, /^waiting, \S+@\S+ \(process \d+, first\) is changing this host$/);
    assert.ok(!existsSync(join(dir, "rs1.lease")), "nothing is left");
  });

  test("is given back by one that fails", async () => {
    await assert.rejects(
      alone(context("fails"), host("rs2"), (own) => own.run([{ argv: ["false"] }])),
      /"false" exited 1/,
    );
    assert.ok(!existsSync(join(dir, "rs2.lease")));
  });

  test("is free again when the time of one that was killed is over", async () => {
    const uptime = Math.floor(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]));
    writeFileSync(join(dir, "rs3.lease"), `${uptime + 2} dead bob@elsewhere (process 1, gone)\n`);
    const said: string[] = [];
    const begin = Date.now();
    await alone(context("heir", said), host("rs3"), (own) => own.run([{ argv: ["true"] }]));
    assert.ok(Date.now() - begin > 1000, "it waited");
    assert.match(said[0]!, /bob@elsewhere/);
  });

  test("is not left by one that was interrupted, whose batch may go on there", async () => {
    const interrupt = new AbortController();
    const work = alone(context("interrupted", [], interrupt.signal), host("rs4"), async (own) => {
      await own.run([{ argv: ["true"] }]);
      interrupt.abort(new Error("interrupted"));
      throw new Error("interrupted");
    });
    await assert.rejects(work, /interrupted/);
    assert.ok(existsSync(join(dir, "rs4.lease")));
  });
});
