import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { proven, verificationKind } from "../../../infra/provider/verification-kind.js";
import type { Properties } from "../../../infra/provider/values.js";

const vip = { addresses: ["lo 192.0.2.100/32"], sysctls: {} };
const side = (name: string, hostKey = "ssh-ed25519 AAAA") => ({
  name,
  connection: { host: `ssh-of-${name}`, hostKey },
});
const sides = [side("rs1"), side("rs2")];
const inputs = (
  change: { revisions?: Properties; realServers?: Properties } = {},
  realServers = sides,
): Properties => ({
  plan: { realServers: { rs1: vip, rs2: vip, ...change.realServers } },
  realServers,
  revisions: { "director-a": 1, rs1: 1, rs2: 1, ...change.revisions },
});
const olds: Properties = { evidence: { realServers: { rs1: ["lo 192.0.2.100/32"], rs2: ["lo 192.0.2.100/32"] } } };

describe("a proof of real servers stands", () => {
  const table: [string, Properties, string[]][] = [
    ["for all of them when only a director has changed", inputs({ revisions: { "director-a": 2 } }), ["rs1", "rs2"]],
    ["but for one that was changed", inputs({ revisions: { rs2: 2 } }), ["rs1"]],
    [
      "but for one of which more is wanted",
      inputs({ realServers: { rs1: { ...vip, sysctls: { "net.x": "1" } } } }),
      ["rs2"],
    ],
    ["but for one that has come", inputs({ revisions: { rs3: 1 }, realServers: { rs3: vip } }), ["rs1", "rs2"]],
    ["but for one that is another machine", inputs({}, [side("rs1"), side("rs2", "ssh-ed25519 BBBB")]), ["rs1"]],
    [
      "but for one that has gone",
      { plan: { realServers: { rs1: vip } }, realServers: [side("rs1")], revisions: { rs1: 1 } },
      ["rs1"],
    ],
  ];
  for (const [title, news, names] of table)
    test(title, () => assert.deepEqual(Object.keys(proven(olds, inputs(), news)), names));

  test("for none of them when nothing was ever seen", () => assert.deepEqual(proven({}, inputs(), inputs()), {}));
});

test("the secrets of every jump host of a chain are such in a verification as well", () => {
  const secrets = verificationKind.secrets.map((path) => path.join("."));
  for (const host of ["directors.*", "realServers.*", "client"])
    for (const way of ["", ".proxy", ".proxy.proxy", ".proxy.proxy.proxy"])
      assert.ok(secrets.includes(`${host}.connection${way}.privateKey`), `${host}${way}`);
});
