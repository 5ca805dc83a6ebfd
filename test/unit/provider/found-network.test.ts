import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Managers } from "../../../infra/linux/network-manager.js";
import { verdict, type NetworkWish } from "../../../infra/provider/found-network.js";
import { casesOf } from "../linux/case-files.js";

interface Case {
  title: string;
  wish: NetworkWish;
  claims: Managers["claims"];
  found?: object;
  problems?: string[];
}

describe("who brings up a host's network", () => {
  for (const { title, wish, claims, found, problems } of casesOf<Case>("network", "verdicts"))
    test(title, () => assert.deepEqual(verdict(wish, claims), found ? { found } : { problems }));
});
