import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { address } from "../../../infra/linux/address.js";
import { astray, unusedVips, type Astray, type Live } from "../../../infra/provider/live.js";
import { casesOf, printed } from "../linux/case-files.js";

interface Case {
  title: string;
  live: Live;
  /** What each step prints. */
  printed: string[];
  astray: Partial<Astray>;
}

const nothing: Astray = { addresses: [], routes: [], sysctls: [], rules: [], links: [] };

describe("what must be live on a host", () => {
  for (const { title, live, printed: texts, astray: expected } of casesOf<Case>("live"))
    test(title, () => {
      const { steps, parse } = astray(live);
      assert.equal(steps.length, texts.length);
      assert.deepEqual(parse(printed(steps, texts)), { ...nothing, ...expected });
    });
});

test("a VIP that a director has and its kernel does not use is said of that director", () => {
  const key = "ens32 2001:db8::100/64";
  const { steps, parse } = address.read([key]);
  const vips = (flags: object) =>
    parse(
      printed(steps, [
        JSON.stringify([
          { ifname: "ens32", addr_info: [{ local: "2001:db8::100", prefixlen: 64, scope: "global", ...flags }] },
        ]),
      ]),
    );
  assert.deepEqual(unusedVips("director-a", vips({})), []);
  assert.deepEqual(unusedVips("director-a", vips({ dadfailed: true, tentative: true })), [
    `director-a: ${key} must be used by the kernel, got another host answers for it (dadfailed). Look with "ip address show" who else has it.`,
  ]);
  assert.equal(unusedVips("director-a", vips({ tentative: true })).length, 1);
});
