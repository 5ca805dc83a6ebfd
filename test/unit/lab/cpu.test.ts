import assert from "node:assert/strict";
import test from "node:test";
import { leastUsed, parseCpuList } from "../../../infra/lab/cpu.js";

test("a CPU list is read with its ranges", () => {
  assert.deepEqual(parseCpuList("0\n"), [0]);
  assert.deepEqual(parseCpuList("0-2,5,8-9"), [0, 1, 2, 5, 8, 9]);
});

test("a machine goes to the CPU that the fewest others are bound to", () => {
  assert.equal(leastUsed([0, 1], []), 0);
  assert.equal(leastUsed([0, 1], [[0]]), 1);
  assert.equal(leastUsed([0, 1], [[0], [1]]), 0);
  assert.equal(leastUsed([0, 1], [[0], [1], [0]]), 1);
  assert.equal(leastUsed([2, 3], [[0], [2]]), 3);
});

test("a process that may run anywhere counts for no CPU", () => {
  assert.equal(
    leastUsed(
      [0, 1],
      [
        [0, 1],
        [0, 1],
      ],
    ),
    0,
  );
  assert.equal(leastUsed([0, 1], [[0, 1], [0]]), 1);
});
