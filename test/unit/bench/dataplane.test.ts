import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import {
  checkProxyTogether,
  checkTogether,
  formatProblem,
  parseCluster,
  parseLab,
  parseProxy,
} from "../../../infra/spec/index.js";
import type { Sample } from "../../bench/dataplane/lab.js";
import { CONNECTIONS, loadCommand, parseLoad, parseTimes, percentile } from "../../bench/dataplane/load.js";
import { plot } from "../../bench/dataplane/plot.js";
import { compare, direct, type Round } from "../../bench/dataplane/ratios.js";
import { table } from "../../bench/dataplane/table.js";
import { cluster, ways } from "../../bench/dataplane/ways.js";
import { whole, words } from "../../bench/options.js";
import type { StackFile } from "../../lab/support/stack.js";

/** A look in which everything is `factor` times as slow as in one of 1. */
const sample = (factor: number, director = 0): Sample => ({
  ...{ fresh: 600 / factor, kept: 1200 / factor },
  ...{ connect: factor, connectP99: 2 * factor, firstByte: 3 * factor, firstByteP99: 4 * factor },
  computing: {
    fresh: { director: director / 1000, all: (2 + director) / 1000 },
    kept: { director: director / 2000, all: (1 + director / 2) / 1000 },
  },
});
/** The machine gets twice as slow from the first round to the last: the ratios must not. */
const rounds: Round[] = [
  { way: "dr", round: 1, before: sample(1), through: sample(1.5, 1), after: sample(1) },
  { way: "dr", round: 2, before: sample(1), through: sample(3, 1), after: sample(2) },
  { way: "dr", round: 3, before: sample(2), through: sample(3, 1), after: sample(2) },
  { way: "nginx http", round: 1, before: sample(1), through: sample(4, 6), after: sample(1) },
];

const ab = (more: string, requests = 1745) => `Concurrency Level:      8
Time taken for tests:   3.001 seconds
Complete requests:      ${requests}
Failed requests:        0
${more}Total transferred:      413565 bytes
HTML transferred:       6980 bytes
Requests per second:    581.40 [#/sec] (mean)
Time per request:       13.760 [ms] (mean)
`;

describe("the bench of ways", () => {
  test("compares each round with the looks beside it, whatever the machine does meanwhile", () => {
    const [dr, nginx] = compare(rounds);
    assert.deepEqual([dr!.way, dr!.rounds, nginx!.way, nginx!.rounds], ["dr", 3, "nginx http", 1]);
    // The second round: 200 requests/s beside 600 before and 300 after.
    assert.equal(dr!.ratios.fresh.low, 200 / 450);
    assert.equal(dr!.ratios.fresh.median.toFixed(3), "0.667");
    assert.deepEqual(dr!.ratios.connect, { median: 1.5, low: 1.5, high: 2 });
    assert.equal(nginx!.ratios.kept.median, 0.25);
  });

  test("puts the director's computing beside that of client and real server for a direct request", () => {
    const [dr, nginx] = compare(rounds);
    assert.equal(dr!.ratios.directorFresh.median, 0.5);
    assert.equal(nginx!.ratios.directorKept.median, 3);
    assert.equal(direct(rounds).directorFresh.median, 0.002);
  });

  test("prints a row for each way, and what a ratio of 1 was", () => {
    const lines = table(compare(rounds), direct(rounds)).split("\n");
    assert.equal(lines.length, 7);
    const cells = lines[3]!.split("|").map((cell) => cell.trim());
    assert.equal(cells[1], "nginx http");
    assert.equal(cells[2], "0.25 (0.25–0.25)");
    assert.equal(cells[8], "3.00 (3.00–3.00)");
    // A time of 16 in one of 1 is said without decimals.
    const slow = [...rounds, { ...rounds[3]!, through: { ...rounds[3]!.through, firstByteP99: 64 } }];
    assert.match(table(compare(slow), direct(slow)), / \| 10 \(4\.00–16\) \| /);
    assert.equal(cells[10], "1");
    assert.match(lines[5]!, /^1 is: 600 requests\/s \(300 to 600\) on new connections, 1200 \(600 to 1200\) on kept/);
  });

  test("plots two bars in each half for each way, and all of them within its frame", () => {
    const svg = plot(compare(rounds));
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number);
    const bars = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="10"/g)].map((bar) =>
      bar.slice(1).map(Number),
    );
    assert.equal(bars.length, 8);
    for (const [x, y, length] of bars) assert.ok(x! + length! <= width! && y! + 10 <= height!, `${x},${y},${length}`);
    // nginx is four times as slow as direct in everything: in the first half a quarter of where direct is, in the second all.
    const [direct] = /M([\d.]+) 44V\d+" stroke="#000000"/.exec(svg)!.slice(1).map(Number);
    assert.equal(bars[2]![2], Math.round((direct! - 100) * 2.5) / 10);
  });

  test("reads a load, and takes none of which a request failed or went on the wrong connection", () => {
    assert.deepEqual(parseLoad(ab(""), false), { requests: 1745, perSecond: 581.4 });
    assert.deepEqual(parseLoad(ab("Keep-Alive requests:    1740\n"), true), { requests: 1745, perSecond: 581.4 });
    assert.throws(() => parseLoad(ab("Keep-Alive requests:    1740\n"), false), /must not be kept, got 1740 of 1745/);
    assert.throws(() => parseLoad(ab("Keep-Alive requests:    0\n"), true), /must be kept/);
    assert.throws(() => parseLoad(ab("Non-2xx responses:      3\n"), false), /got 3 that did not/);
    assert.throws(
      () => parseLoad(ab("").replace("Failed requests:        0", "Failed requests:        9"), false),
      /got 9/,
    );
    assert.throws(() => parseLoad(ab("", 0), false), /must print figures/);
    assert.match(loadCommand("192.0.2.1", 3, true), /^timeout 23 ab .* -k http:\/\/192\.0\.2\.1\/$/);
  });

  test("reads the times of connections, and takes none that was not made or got no page", () => {
    const line = (n: number) => `200 1 0.000020 0.00${1000 + n} 0.00${3000 + n}`;
    const lines = Array.from({ length: CONNECTIONS }, (_, n) => line(n));
    const times = parseTimes(`${lines.join("\n")}\n`);
    assert.deepEqual(
      Object.values(times).map((each) => each.toFixed(4)),
      ["1.1295", "1.2760", "3.1295", "3.2760"],
    );
    assert.throws(() => parseTimes(lines.slice(1).join("\n")), /must make 300 connections/);
    assert.throws(() => parseTimes([...lines.slice(1), "200 0 0 0 0.003"].join("\n")), /one of them "200 0 0 0 0.003"/);
    assert.throws(() => parseTimes([...lines.slice(1), "502 1 0 0.1 0.2"].join("\n")), /one of them "502/);
  });

  test("takes the smallest value that 99 of 100 are not above", () => {
    const hundred = Array.from({ length: 100 }, (_, n) => n + 1);
    assert.equal(percentile(hundred, 99), 99);
    assert.equal(percentile([5], 99), 5);
    assert.throws(() => percentile([], 99), RangeError);
  });

  for (const way of ways)
    test(`makes a stack file without a problem for ${way.name}`, () => {
      const text = readFileSync(join(__dirname, "../../../stacks/Pulumi.lab-nat.yaml"), "utf8");
      // Pulumi puts the clear text in the place of an encrypted value before the program sees it.
      const file = parse(text.replace(/authPass:\n\s+secure: .*/, "authPass: '1111'")) as StackFile;
      cluster(way)(file);
      const parsed = parseLab(file.config["lvs:lab"]);
      assert.ok("lab" in parsed, JSON.stringify(parsed));
      assert.deepEqual(Object.keys(parsed.lab.machines).sort(), ["client", "director-a", "rs1"]);
      const input = file.config["lvs:cluster"];
      const made = "engine" in input ? parseProxy(input) : parseCluster(input);
      assert.ok(!("problems" in made), JSON.stringify(made));
      const problems =
        "proxy" in made ? checkProxyTogether(made.proxy, parsed.lab) : checkTogether(made.cluster, parsed.lab);
      assert.deepEqual(problems.map(formatProblem), []);
    });

  test("knows its options", () => {
    assert.deepEqual(words("--ways", "tun,dr", ["dr", "nat", "tun"]), ["dr", "tun"]);
    assert.throws(() => words("--ways", "dr,dsr", ["dr"]), /--ways: must be of dr, got dsr/);
    assert.equal(whole("--runs", "0", 0), 0);
    for (const text of ["0", "-1", "1.5", "x", ""]) assert.throws(() => whole("--runs", text), /--runs: must be/);
  });
});
