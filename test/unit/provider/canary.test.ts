import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { localHost } from "../../../infra/host/local.js";
import { HostError } from "../../../infra/host/errors.js";
import type { Host } from "../../../infra/host/types.js";
import {
  changeAll,
  keysOf,
  readAll,
  sectionNames,
  type Readings,
  type Wants,
} from "../../../infra/provider/sections.js";
import { canaries, canaryFile, hostileText as anyHostileText } from "../../fuzz/hostile.js";
import { noSandbox, Sandbox } from "../render/sandbox.js";

const seed = Number(process.env["FUZZ_SEED"] ?? 20_260_101);
const numRuns = Math.ceil(Number(process.env["FUZZ_CASES"] ?? 1500) / 100);

/** Programs that would change this machine: in their place stands one that does nothing. */
const stubs =
  "apt-get apt-mark dpkg dpkg-query dnf yum rpm zypper systemctl modprobe rmmod ip iptables ip6tables".split(" ");

const hostileText = fc.oneof(fc.constantFrom(...canaries), anyHostileText);
const name = fc.oneof(hostileText, fc.constantFrom("nginx", "web.service", "ens32 192.0.2.1/24", "default"));
const path = hostileText.map((text) => `/run/canary/${text}`);
const map = (key: fc.Arbitrary<string>, value: fc.Arbitrary<unknown>) =>
  fc.dictionary(key, value, { maxKeys: 3, noNullPrototype: true });

/** What a program may hand to a `Host` resource, which takes any text: no schema stands before it. */
const hostileWants: fc.Arbitrary<Wants> = fc.record(
  {
    packages: map(name, fc.constant("installed")),
    files: map(
      path,
      fc.record(
        { content: hostileText, mode: hostileText, owner: hostileText, group: hostileText },
        { noNullPrototype: true },
      ),
    ),
    modules: map(name, fc.constant("loaded")),
    links: map(name, fc.record({ up: fc.boolean() })),
    sysctls: map(fc.oneof(hostileText, fc.constant("net.ipv4.conf.lo.arp_ignore")), hostileText),
    rules: map(
      fc.oneof(
        hostileText,
        hostileText.map((text) => `iptables nat POSTROUTING ${text}`),
      ),
      fc.constant("present"),
    ),
    addresses: map(
      name,
      fc.record({ label: hostileText, scope: hostileText }, { requiredKeys: [], noNullPrototype: true }),
    ),
    routes: map(
      name,
      fc.record(
        { via: hostileText, dev: hostileText, metric: hostileText },
        { requiredKeys: [], noNullPrototype: true },
      ),
    ),
    units: map(name, fc.record({ enabled: fc.boolean(), active: fc.boolean() }, { noNullPrototype: true })),
  },
  { requiredKeys: [], noNullPrototype: true },
);

describe("what a program hands to a host", { skip: noSandbox ?? false }, () => {
  let box: Sandbox;
  let host: Host;
  before(async () => {
    box = await Sandbox.open([]);
    for (const stub of stubs) box.write(`/usr/local/sbin/${stub}`, "#!/bin/sh\nexit 0\n", "0755");
    host = localHost("sandbox", [...box.entry(), "/bin/sh"]);
  });
  after(() => box.close());

  test("is run by no shell, whatever is in it", async (t) => {
    let commands = 0;
    // What nouns and the batch refuse before anything is sent; a failure of the host itself is none of these.
    const refused = /must be|must not hold NUL/;
    /** Each key alone, so that one that is refused does not hide the others. */
    const judge = async (want: Wants, have: Readings, gone: boolean): Promise<void> => {
      try {
        const change = gone ? changeAll(have, {}, absent(want)) : changeAll(have, want, {});
        const steps = [...readAll(keysOf(want)).steps, ...change].map((step) => ({ ...step, accept: "any" as const }));
        commands += steps.length;
        await host.run(steps);
      } catch (error) {
        assert.ok(!(error instanceof HostError), String(error));
        assert.match((error as Error).message, refused, (error as Error).stack);
      }
    };
    await fc.assert(
      fc.asyncProperty(hostileWants, async (wants) => {
        for (const want of singles(wants))
          for (const gone of [false, true]) await judge(want, present(want, gone), gone);
        const wasRun = box.test(`[ -e ${canaryFile} ]`);
        box.run(`rm -f ${canaryFile}`);
        assert.ok(!wasRun, "a canary was run");
      }),
      { seed, numRuns },
    );
    t.diagnostic(`figure: ${commands} commands with hostile words ran with seed ${seed}, none of them by a shell`);
  });

  test("what a canary is made of does make the file where a shell reads it", () => {
    box.run(`eval 'x=$(touch ${canaryFile})'; [ -e ${canaryFile} ] && rm ${canaryFile}`);
  });
});

function singles(wants: Wants): Wants[] {
  return sectionNames.flatMap((section) =>
    Object.entries(wants[section] ?? {}).map(([key, value]): Wants => ({ [section]: { [key]: value } })),
  );
}

function present(want: Wants, isThere: boolean): Readings {
  const routes = [`default via $(touch ${canaryFile}) metric 7`];
  return mapKeys(want, (value, section) => {
    if (!isThere) return { state: "absent" };
    return { state: "present", value: section === "routes" ? { ...(value as object), routes } : value };
  });
}

function absent(want: Wants): Readings {
  return mapKeys(want, () => ({ state: "absent", trace: ["/run/canary/x y", "$(touch x)"] }));
}

function mapKeys(want: Wants, reading: (value: unknown, section: string) => unknown): Readings {
  return Object.fromEntries(
    Object.entries(want).map(([section, map]) => [
      section,
      Object.fromEntries(Object.entries(map).map(([key, value]) => [key, reading(value, section)])),
    ]),
  );
}
