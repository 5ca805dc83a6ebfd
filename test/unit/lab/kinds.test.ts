import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { guestKind, guestKinds, MACHINE_KINDS } from "../../../infra/lab/kinds/index.js";
import { networkFile } from "../../../infra/lab/guest-config.js";
import { labSchema } from "../../../infra/spec/index.js";
import cases from "../../cases/lab/kinds.json";

const machine = {
  name: "rs1",
  nics: {
    mgmt: { addresses: ["198.18.7.10/24"], mac: "02:00:00:00:00:01", tap: "tap-0" },
    ens32: {
      segment: "lan",
      addresses: ["192.168.184.12/24", "10.9.0.12/24", "2001:db8::12/64"],
      mac: "02:00:00:00:00:02",
      tap: "tap-1",
    },
    ens33: { segment: "wan", addresses: [], mac: "02:00:00:00:00:03", tap: "tap-2" },
  },
  routes: [
    { to: "default", via: "192.168.184.1" },
    { to: "10.50.0.0/16", via: "10.9.0.1" },
    { to: "2001:db8:1::/64", via: "2001:db8::1" },
  ],
};

for (const [kind, files] of Object.entries(cases as Record<string, Record<string, string[]>>))
  test(`${kind} is told of each NIC's addresses and routes in its own files, and nothing of the management NIC`, async () => {
    const scripts = join(__dirname, "..", "..", "cases", "lab", "network-scripts");
    process.env["PULUMI_LVS_NETWORK_SCRIPTS"] = scripts;
    const entries = await guestKind(kind)!.files(machine);
    const told = Object.fromEntries(entries.map(({ path, content = "" }) => [path, content.trimEnd().split("\n")]));
    for (const [path, lines] of Object.entries(files)) assert.deepEqual(told[path], lines, path);
    // NetworkManager takes every NIC unless it is told not to.
    const aside = (line: string) => line.startsWith("unmanaged-devices=");
    for (const [path, lines] of Object.entries(told))
      assert.doesNotMatch(lines.filter((line) => !aside(line)).join("\n"), /mgmt|198\.18/, path);
  });

test("every manager has its table case and its list of packages, and the stack file knows it by name", () => {
  const names = Object.keys(guestKinds).sort();
  assert.deepEqual(Object.keys(cases).sort(), names);
  const folder = join(__dirname, "..", "..", "..", "infra", "setup", "image", "kinds");
  assert.deepEqual(
    readdirSync(folder).sort(),
    names.map((name) => `${name}.txt`),
  );
  for (const name of names) assert.match(readFileSync(join(folder, `${name}.txt`), "utf8"), /^[a-z][a-z0-9.-]*$/m);
  for (const kind of MACHINE_KINDS) assert.equal(labSchema.parse({ kind, segments: {}, machines: {} }).kind, kind);
});

test("ifcfg without the scripts says which variable names their folder", async () => {
  delete process.env["PULUMI_LVS_NETWORK_SCRIPTS"];
  await assert.rejects(
    async () => await guestKinds.ifcfg.files(machine),
    /PULUMI_LVS_NETWORK_SCRIPTS: must name.*got none/,
  );
  process.env["PULUMI_LVS_NETWORK_SCRIPTS"] = __dirname;
  await assert.rejects(async () => await guestKinds.ifcfg.files(machine), /without ifup, ifdown, ifup-eth/);
});

test("of a NIC with a manager, the lab's own script only sees to the name", () => {
  assert.equal(
    networkFile({ ...machine, kind: "networkd" }),
    `link 02:00:00:00:00:01 mgmt
name 02:00:00:00:00:02 ens32
name 02:00:00:00:00:03 ens33
address mgmt 198.18.7.10/24
`,
  );
});
