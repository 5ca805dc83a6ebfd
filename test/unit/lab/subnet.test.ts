import assert from "node:assert/strict";
import { test } from "node:test";
import { LabError } from "../../../infra/lab/errors.js";
import { chooseSubnet, hostAddress, overlaps } from "../../../infra/lab/subnet.js";
import cases from "../../cases/lab/subnet.json";

for (const { name, used, start, want, error } of cases) {
  test(`a management subnet is chosen free of clashes: ${name}`, () => {
    if (error !== undefined) {
      assert.throws(
        () => chooseSubnet(used, start),
        (cause) => cause instanceof LabError && cause.message.includes(error),
      );
    } else assert.equal(chooseSubnet(used, start), want);
  });
}

test("subnets overlap when one holds the other, and not when they only touch", () => {
  assert.equal(overlaps("10.0.0.0/8", "10.200.3.4"), true);
  assert.equal(overlaps("10.200.3.4", "10.0.0.0/8"), true);
  assert.equal(overlaps("10.0.0.0/24", "10.0.1.0/24"), false);
});

test("an address of a management subnet replaces its last octet only", () => {
  assert.equal(hostAddress("198.18.0.0/24", 10), "198.18.0.10");
});
