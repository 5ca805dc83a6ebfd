import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { waitUntil } from "../support/command.js";
import type { Machine } from "../support/machine.js";
import { Load } from "../support/traffic.js";
import { DEV, type Setting } from "./setting.js";

/** 3 × advert_int + skew of the backup (priority 50) + 1 s. */
const BOUND = 3 * 1 + (256 - 50) / 256 + 1;

// All processes at once: were the parent first, its children would end in order and take the VIP along; were it last, it
// would start them anew. So it is stopped first.
const KILL =
  "parent=$(cat /run/keepalived.pid) && kill -STOP $parent && kill -9 $(cat /run/vrrp.pid /run/checkers.pid) $parent";

interface Fault {
  title: string;
  inject: () => Promise<unknown>;
  /** Undone, so that the master comes back. */
  mend: () => Promise<unknown>;
  /** With systemd's help keepalived is back before anybody else need take over. */
  staysAway: boolean;
}

const withoutHelp = `mkdir -p /run/systemd/system/keepalived.service.d
printf '[Service]\\nRestart=no\\nExecStopPost=\\n' >/run/systemd/system/keepalived.service.d/zz-no-help.conf
systemctl daemon-reload`;

const faultsOf = (directorA: Machine): Fault[] => [
  {
    title: "systemctl stop",
    inject: () => directorA.succeed("systemctl stop keepalived"),
    mend: () => directorA.succeed("systemctl start keepalived"),
    staysAway: true,
  },
  {
    title: "SIGKILL of all keepalived processes",
    inject: () => directorA.succeed(KILL),
    mend: async () => undefined,
    staysAway: false,
  },
  {
    title: "SIGKILL of all keepalived processes without systemd's help",
    inject: () => directorA.succeed(`${withoutHelp}; ${KILL}`),
    mend: () =>
      directorA.succeed(
        "rm -r /run/systemd/system/keepalived.service.d; systemctl daemon-reload; systemctl reset-failed keepalived; systemctl start keepalived",
      ),
    staysAway: true,
  },
  {
    title: "SIGKILL of all keepalived processes with systemd itself frozen",
    // PID 1 catches the signal, says so and never does anything again (systemd, src/core/crash-handler).
    inject: () => directorA.succeed(`kill -SEGV 1; sleep 1; ${KILL}`),
    mend: async () => {
      await directorA.crash();
      await directorA.start();
    },
    staysAway: true,
  },
  {
    title: "crash of the machine",
    inject: () => directorA.crash(),
    mend: () => directorA.start(),
    staysAway: true,
  },
  {
    title: "cut link",
    inject: () => directorA.block(),
    mend: () => directorA.unblock(),
    staysAway: true,
  },
];

/** Faults of the master under 10 requests a second, and of a real server. */
export function failover(setting: Setting): void {
  const { client, directorA, directorB, healed, holders, rs1, vip, arpAnswers } = setting;
  for (const { title, inject, mend, staysAway } of faultsOf(directorA))
    test(`${title}: the backup serves within the bound, and the master takes over again`, async (t) => {
      assert.deepEqual(await holders(), ["director-a"]);
      const away = await Load.start(client, vip);
      await inject();
      if (staysAway) {
        await waitUntil("director-b holds the VIP", () => directorB.holds(`${vip}/24`, DEV), 30);
        await away.answered(10, 30);
        // A machine that still runs must have let the VIP go, whoever can or cannot help it; a cut link is healed first.
        if (title.includes("SIGKILL") || title.includes("stop")) await healed(directorB, 15);
      } else await away.answered(60, 60);
      show(t, `${title}, away`, await away.stop());
      const back = await Load.start(client, vip);
      await mend();
      await healed(directorA, 60);
      const [who] = await Promise.all([arpAnswers(), back.answered(10, 30)]);
      assert.deepEqual(who, [await directorA.mac(DEV)], "healed for good");
      assert.deepEqual(await holders(), ["director-a"], "healed for good");
      show(t, `${title}, back`, await back.stop());
    });

  test("a stopped real server leaves the pool, no request fails after that, and it returns", async (t) => {
    await healed(directorA);
    const load = await Load.start(client, vip);
    const inPool = async () => (await directorA.table()).some((rule) => rule.includes("192.168.184.12:80"));
    await rs1.succeed("systemctl stop nginx");
    const begin = Date.now();
    // delay_loop 3, then 3 retries 3 s apart, and 2 s for the slow kernels.
    await waitUntil("rs1 has left the pool", async () => !(await inPool()), 3 + 3 * 3 + 2);
    t.diagnostic(`figure: rs1 left the pool after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
    const before = load.requests.length;
    await load.answered(50, 30);
    const after = load.requests.slice(before + 10);
    assert.deepEqual(
      after.filter(({ ok }) => !ok),
      [],
    );
    assert.deepEqual([...new Set(after.map(({ body }) => body))], ["rs2"]);
    await rs1.succeed("systemctl start nginx");
    await waitUntil("rs1 is in the pool again", inPool, 15);
    await waitUntil(
      "rs1 answers again",
      async () =>
        load
          .good()
          .slice(-10)
          .some(({ body }) => body === "rs1"),
      15,
    );
    await load.stop();
  });
}

function show(t: TestContext, what: string, seen: Awaited<ReturnType<Load["stop"]>>): void {
  const { longestGap, requests, failed, perSecond } = seen;
  t.diagnostic(
    `figure: ${what}: longest gap ${longestGap.toFixed(2)} s (bound ${BOUND.toFixed(2)} s), ` +
      `${failed} of ${requests} requests failed at ${perSecond.toFixed(1)}/s`,
  );
  assert.ok(perSecond > 9, `${what}: a gap is measured at 10 requests/s, got ${perSecond}`);
  assert.ok(longestGap <= BOUND, `${what}: gap ${longestGap} s`);
}
