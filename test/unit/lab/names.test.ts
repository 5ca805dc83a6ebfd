import assert from "node:assert/strict";
import { test } from "node:test";
import { LabError } from "../../../infra/lab/errors.js";
import * as names from "../../../infra/lab/names.js";

const LONG_STACK = "s".repeat(40);
const LONG_MACHINE = "m".repeat(32);
const LONG_NIC = "n".repeat(15);
const LONG_SEGMENT = "segment-with-a-very-long-name-1";

test("a lab's id is the same at each run and differs by stack and by project", () => {
  const id = names.labId("lab-dr", "/srv/one");
  assert.match(id, /^lab-dr-[0-9a-f]{6}$/);
  assert.equal(names.labId("lab-dr", "/srv/one"), id);
  assert.notEqual(names.labId("lab-dr", "/srv/two"), id);
  assert.notEqual(names.labId("lab-nat", "/srv/one").slice(-6), id.slice(-6));
});

test("an id proves which project it belongs to without any file", () => {
  const id = names.labId("lab-dr", "/srv/one");
  assert.equal(names.belongsTo(id, "/srv/one"), true);
  assert.equal(names.belongsTo(id, "/srv/two"), false);
  assert.equal(names.belongsTo("something-else", "/srv/one"), false);
});

test("the stack is read back from an id even when it ends in hex digits itself", () => {
  assert.equal(names.stackOf("lab-abcdef-012345"), "lab-abcdef");
  assert.equal(names.stackOf("lab"), undefined);
});

test("no link is longer than the 15 bytes that Linux takes, however long the names are", () => {
  const id = names.labId(LONG_STACK, "/srv");
  const links = [names.hostLinkName(id), names.bridgeName(LONG_SEGMENT), names.tapName(LONG_MACHINE, LONG_NIC)];
  for (const link of links) assert.ok(Buffer.byteLength(link) <= 15, link);
});

test("segments that only differ behind the cut get bridges of their own", () => {
  assert.equal(names.bridgeName("lan"), "br-lan");
  assert.notEqual(names.bridgeName("backend-servers-1"), names.bridgeName("backend-servers-2"));
});

test("a process mark fits into the 63 bytes that User-Mode Linux keeps of it", () => {
  const mark = names.processMark(names.labId(LONG_STACK, "/srv"), LONG_MACHINE);
  assert.ok(mark.length <= 63, mark);
});

test("MAC addresses are local, unicast, stable, and differ by lab, machine and NIC", () => {
  const mac = names.macAddress("dev-000000", "rs1", "ens32");
  assert.match(mac, /^02(:[0-9a-f]{2}){5}$/);
  assert.equal(names.macAddress("dev-000000", "rs1", "ens32"), mac);
  const others = [
    names.macAddress("dev-000001", "rs1", "ens32"),
    names.macAddress("dev-000000", "rs2", "ens32"),
    names.macAddress("dev-000000", "rs1", "ens33"),
  ];
  assert.equal(new Set([mac, ...others]).size, 4);
});

for (const stack of ["", "-a", "a/b", "a b", "../x", "s".repeat(41)]) {
  test(`a stack named ${JSON.stringify(stack)} is refused: its name becomes a folder`, () => {
    assert.throws(() => names.labId(stack, "/srv"), LabError);
  });
}

for (const machine of ["", "-a", "a-", "A", "a_b", "a.b", "../x", "m".repeat(33)]) {
  test(`a machine named ${JSON.stringify(machine)} is refused: its name becomes a host name`, () => {
    assert.throws(() => names.checkMachineName(machine), LabError);
  });
}

for (const nic of ["mgmt", "lo", "vec0", "eth1", "Ens", "en s", "n".repeat(16)]) {
  test(`a NIC named ${JSON.stringify(nic)} is refused`, () => {
    assert.throws(() => names.checkNicName(nic), LabError);
  });
}

test("the articles' NIC names are taken", () => {
  for (const nic of ["ens32", "ens256", "eno16777736"]) assert.equal(names.checkNicName(nic), nic);
});
