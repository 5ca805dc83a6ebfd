import assert from "node:assert/strict";
import { test } from "node:test";
import { LabError } from "../../../infra/lab/errors.js";
import { networkFile } from "../../../infra/lab/guest-config.js";
import { checkMachine, freeAddress, machineRecord, type MachineSpec } from "../../../infra/lab/machine-spec.js";
import cases from "../../cases/lab/machine-spec.json";

const lab = {
  id: "dev-012345",
  stack: "dev",
  root: "/srv",
  segments: ["lan", "wan"],
  managementSubnet: "198.18.7.0/24",
};
const given = { engine: "uml", image: "/image", hostKey: "ssh-ed25519 AAAA", managementAddress: "198.18.7.10" };

for (const { name, spec, error } of cases) {
  test(`a machine's spec is ${error === undefined ? "taken" : "refused"}: ${name}`, () => {
    const check = () => checkMachine(lab, spec as unknown as MachineSpec);
    if (error === undefined) check();
    else assert.throws(check, (cause) => cause instanceof LabError && cause.message.includes(error));
  });
}

test("a machine that is made again gets its former management address, and never one that another has", () => {
  const first = freeAddress(lab, "rs1", []);
  assert.match(first, /^198\.18\.7\.\d+$/);
  assert.equal(freeAddress(lab, "rs1", []), first);
  const machines: { managementAddress: string }[] = [];
  for (let n = 0; n < 241; n++) machines.push({ managementAddress: freeAddress(lab, "rs1", machines) });
  const octets = machines.map((each) => Number(each.managementAddress.split(".")[3])).sort((a, b) => a - b);
  assert.deepEqual(
    octets,
    Array.from({ length: 241 }, (_, n) => n + 10),
  );
});

test("a lab whose management addresses are all in use says so", () => {
  const all = Array.from({ length: 241 }, (_, n) => ({ managementAddress: `198.18.7.${n + 10}` }));
  assert.throws(() => freeAddress(lab, "rs1", all), LabError);
});

test("the guest's network file names each NIC by its MAC, then its addresses, then the routes", () => {
  const spec: MachineSpec = {
    name: "rs1",
    interfaces: { ens32: { segment: "lan", addresses: ["192.168.184.12/24"], mac: "02:00:00:00:00:01" } },
    routes: [{ to: "default", via: "192.168.184.1" }],
  };
  const record = machineRecord(lab, spec, given);
  assert.equal(
    networkFile(record),
    `link ${record.nics.mgmt?.mac} mgmt
link 02:00:00:00:00:01 ens32
address mgmt 198.18.7.10/24
address ens32 192.168.184.12/24
route default 192.168.184.1
`,
  );
});

test("a machine is given 128 MiB and the static kind when nothing else is said", () => {
  const record = machineRecord(lab, { name: "rs1", interfaces: {} }, given);
  assert.deepEqual([record.memory, record.kind], [128, "static"]);
});
