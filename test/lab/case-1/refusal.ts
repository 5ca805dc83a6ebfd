import assert from "node:assert/strict";
import test from "node:test";
import { generateKeyPair } from "../../../infra/lab/keys.js";
import { leaks, unique } from "../support/leaks.js";
import type { Machine } from "../support/machine.js";
import { succeeded } from "../support/stack.js";
import type { Setting } from "./setting.js";
import { hostKeyOf, secretLine } from "./way.js";

interface Refusal {
  title: string;
  machine: Machine;
  list: "directors" | "realServers";
  /** What is wrong with the way in. */
  wrong: () => Promise<Record<string, unknown>>;
  says: RegExp;
}

/** In each round a real server and a director do not let us work; the other ones do. */
const roundsOf = ({ directorB, id, rs1, way: { place } }: Setting): Refusal[][] => [
  [
    {
      title: "an unreachable host",
      machine: rs1,
      list: "realServers",
      wrong: async () => ({ port: 2, dialErrorLimit: 1 }),
      says: new RegExp(`rs1 ${place}: no TCP connection.*Next: \\S+`),
    },
    {
      title: "a missing sudo",
      machine: directorB,
      list: "directors",
      wrong: async () => ({ user: "plain" }),
      says: new RegExp(`director-b ${place}: .*sudo.*Next: \\S+`, "i"),
    },
  ],
  [
    {
      title: "a wrong host key",
      machine: rs1,
      list: "realServers",
      wrong: async () => ({ hostKey: await hostKeyOf(id, directorB.name) }),
      says: new RegExp(`rs1 ${place}: .*host key.*Next: \\S+`, "i"),
    },
    {
      title: "a refused key",
      machine: directorB,
      list: "directors",
      wrong: async () => ({ privateKey: strange }),
      says: new RegExp(`director-b ${place}: .*key.*Next: \\S+`, "i"),
    },
  ],
];

const strange = generateKeyPair().privateKey;

// Removing a user leaves the account files' backups behind, which would be the test's trace and not ours.
const ACCOUNTS = "passwd group shadow gshadow subuid subgid";
const addPlain = (home: string) => `mkdir -p /run/accounts
for file in ${ACCOUNTS}; do cp -a /etc/$file* /run/accounts/; done
useradd -m plain
install -d -o plain -m 700 ~plain/.ssh
install -o plain -m 600 ${home}/.ssh/authorized_keys ~plain/.ssh/`;
const removePlain = `rm -rf ~plain
for file in ${ACCOUNTS}; do rm -f /etc/$file /etc/$file-; done
cp -a /run/accounts/* /etc/ && rm -r /run/accounts`;

const PROBE = "/etc/refusal-probe";

/** Hosts that do not let us in or do not let us work. */
export function refusal(setting: Setting): void {
  const { directorA, directorB, pages, rs1, rs2, stack, way } = setting;
  test("a user without sudo is on a director", async () => void (await directorB.succeed(addPlain(way.home))));

  for (const [index, round] of roundsOf(setting).entries()) {
    const titles = round.map(({ title }) => title).join(" and ");
    const probe = `round ${index + 1}\n`;
    let printed = "";

    test(`${titles} fail an up, the other real server has its change, and the master is not touched`, async () => {
      const ways = await Promise.all(
        round.map(async ({ machine, list, wrong }) => ({
          list,
          name: machine.name,
          connection: { ...(await way.written(machine.name)), ...(await wrong()) },
        })),
      );
      const file = setting.changed((cluster) => {
        for (const host of [...cluster.realServers, ...cluster.directors])
          host.files = { ...host.files, [PROBE]: probe };
        for (const { list, name, connection } of ways)
          cluster[list].find((host: { name: string }) => host.name === name).connection = connection;
      });
      const done = await stack.up(file);
      printed = done.stdout + done.stderr;
      assert.notEqual(done.code, 0, printed);
      assert.equal(await rs2.succeed(`cat ${PROBE}`), probe);
      // One director at a time: the backup has not got its change.
      assert.notEqual((await directorA.run(`test -e ${PROBE}`)).code, 0);
      assert.deepEqual([...new Set(await pages(4))].sort(), ["rs1", "rs2"]);
    });

    for (const { title, machine, says } of round)
      test(`${title} has a message of its own with host and next step, and nothing is half done`, async (t) => {
        assert.match(printed, says);
        t.diagnostic(`seen: ${says.exec(printed)![0].slice(0, 240)}`);
        assert.deepEqual(leaks([...way.secrets(), unique("refused key", secretLine(strange))], { printed }), []);
        assert.notEqual((await machine.run(`test -e ${PROBE}`)).code, 0, "nothing is written where we are refused");
      });
  }

  test("the next up with the right way in finishes the work on all hosts", async () => {
    await directorB.succeed(removePlain);
    succeeded(await stack.up(setting.whole));
    for (const machine of [rs1, rs2, directorA, directorB]) await machine.succeed(`test ! -e ${PROBE}`);
    succeeded(await stack.gate(setting.whole));
  });
}
