import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Host, Step } from "../../../../infra/host/types.js";
import { address } from "../../../../infra/linux/address.js";
import type { DirectorInputs } from "../../../../infra/provider/director/inputs.js";
import { orphans } from "../../../../infra/provider/director/orphans.js";
import { settle } from "../../../../infra/provider/director/settle.js";
import type { Context } from "../../../../infra/provider/kind.js";

const context: Context = {
  ...{ urn: "", name: "", signal: new AbortController().signal },
  ...{ status: () => undefined, warn: () => undefined, info: () => undefined },
};
const vip = "eth0 192.0.2.100/24";
const table = {
  "tcp 192.0.2.100:80": {
    scheduler: "wrr",
    realServers: { "192.0.2.11:80": { forwarding: "dr" as const, weight: 3 } },
  },
};
const inputs = {
  ...{
    host: "d",
    files: { conf: { content: "vrrp_instance V {\n  virtual_ipaddress {\n    192.0.2.100/24\n  }\n}\n" } },
  },
  ...{ secrets: {}, table, vips: [vip], change: {}, peers: [] },
} as unknown as DirectorInputs;

/** A director whose kernel has the new weight from the n-th look on, and which holds the VIP in this state of its instance. */
function director(looks: number, state: string): Host & { batches: Step[][] } {
  const batches: Step[][] = [];
  const answer = ({ argv }: Step): string => {
    if (argv[3] === "read-ipvs") {
      const weight = batches.length >= looks ? 3 : 1;
      return `ipvsadm\n-A -t 192.0.2.100:80 -s wrr\n-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w ${weight}\n`;
    }
    if (argv[3] === "read-keepalived") return `alive\nVRRP Instance = V\nState = ${state}\n`;
    const [local, prefixlen] = ["192.0.2.100", 24];
    return JSON.stringify([{ ifname: "eth0", addr_info: [{ local, prefixlen, scope: "global" }] }]);
  };
  return {
    name: "d",
    batches,
    run: async (steps) => {
      batches.push(steps);
      return steps.map((step) => ({ argv: step.argv, code: 0, stdout: answer(step), stderr: "" }));
    },
  };
}

describe("a director that takes a changed weight", () => {
  test("is looked at once where it has it by then, with its addresses in the same round trip", async () => {
    const host = director(1, "MASTER");
    const { daemon, also } = await settle(context, host, "", table, address.read([vip]));
    assert.deepEqual(await orphans(context, host, inputs, { there: also, daemon }), []);
    assert.equal(host.batches.length, 1);
  });

  test("is looked at until it has it, and soon again", async () => {
    const host = director(3, "MASTER");
    const begin = Date.now();
    await settle(context, host, "", table, address.read([vip]));
    assert.equal(host.batches.length, 3);
    assert.ok(Date.now() - begin < 1000, `${Date.now() - begin} ms`);
  });

  test("is said to hold a VIP of which it is not master only after a second look", async () => {
    const host = director(1, "BACKUP");
    const { daemon, also } = await settle(context, host, "", table, address.read([vip]));
    assert.deepEqual(await orphans(context, host, inputs, { there: also, daemon }), [vip]);
    assert.equal(host.batches.length, 2);
  });
});
