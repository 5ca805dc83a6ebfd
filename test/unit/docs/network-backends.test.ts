import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pages } from "../../../infra/docs/pages.js";

test("pages made of plans are those that `npm run docs` makes now", async () => {
  for (const { path, text } of await pages())
    assert.equal(readFileSync(join(__dirname, "../../..", path), "utf8"), text, `${path}: run npm run docs`);
});
