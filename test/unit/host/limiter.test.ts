import assert from "node:assert/strict";
import { test } from "node:test";
import { Limiter } from "../../../infra/host/limiter.js";

test("a limiter lets in its capacity and then one for one, in order", async () => {
  const limiter = new Limiter(2);
  const order: number[] = [];
  let most = 0;
  const jobs = Array.from({ length: 7 }, (_, i) =>
    limiter.run(async () => {
      order.push(i);
      most = Math.max(most, limiter.active);
      await new Promise((resolve) => setImmediate(resolve));
    }),
  );
  await Promise.all(jobs);
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6]);
  assert.equal(most, 2);
  assert.equal(limiter.active, 0);
});

test("who gives up waiting loses only its own turn", async () => {
  const limiter = new Limiter(1);
  await limiter.enter();
  const stop = new AbortController();
  const impatient = limiter.enter(stop.signal);
  const patient = limiter.enter();
  stop.abort(new Error("enough"));
  await assert.rejects(impatient, /enough/);
  limiter.leave();
  await patient;
  assert.equal(limiter.active, 1);
});

test("a lowered capacity holds for those who come later, and never falls below one", async () => {
  const limiter = new Limiter(3);
  await Promise.all([limiter.enter(), limiter.enter(), limiter.enter()]);
  limiter.shrink(0);
  let admitted = false;
  const next = limiter.enter().then(() => (admitted = true));
  limiter.leave();
  limiter.leave();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(admitted, false);
  limiter.leave();
  await next;
  assert.equal(limiter.active, 1);
});
