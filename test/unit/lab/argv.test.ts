import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { qemuArguments } from "../../../infra/lab/engine-qemu.js";
import { umlArguments } from "../../../infra/lab/engine-uml.js";
import { machineRecord } from "../../../infra/lab/machine-spec.js";
import { markOf } from "../../../infra/lab/processes.js";
import { quote, sshArgv } from "../../../infra/lab/ssh.js";

test("quoted words reach the other side's shell unchanged", () => {
  const words = ["plain", "", "a  b", "it's", "$HOME", "`id`", "*", "\\", "a\nb", "-n", "ü", "a;b|c&d>e", '"'];
  const line = ["printf", "%s\\0", ...words].map(quote).join(" ");
  const output = execFileSync("sh", ["-c", line], { encoding: "utf8" });
  assert.deepEqual(output.split("\0").slice(0, -1), words);
});

test("ssh takes the lab's key and host keys only, and its words as one command", () => {
  const argv = sshArgv("dev-012345", "198.18.7.10", ["ip", "address show"]);
  assert.deepEqual(argv.slice(0, 3), ["ssh", "-F", "none"]);
  assert.ok(argv.includes("StrictHostKeyChecking=yes"));
  assert.ok(argv.some((word) => /^IdentityFile=.*\/labs\/dev-012345\/id_ed25519$/.test(word)));
  assert.ok(argv.some((word) => /^UserKnownHostsFile=.*\/labs\/dev-012345\/known_hosts$/.test(word)));
  assert.deepEqual(argv.slice(-4), ["-T", "root@198.18.7.10", "--", "ip 'address show'"]);
});

test("without words ssh opens a login shell", () => {
  const argv = sshArgv("dev-012345", "198.18.7.10", [], { terminal: true });
  assert.deepEqual(argv.slice(-2), ["-t", "root@198.18.7.10"]);
});

const directory = "/labs/dev-012345/machines/rs1";

/** What the engine gets to boot a machine with one service NIC. */
function boot(engine: string) {
  const lab = { id: "dev-012345", stack: "dev", root: "/srv", segments: ["lan"], managementSubnet: "198.18.7.0/24" };
  const machine = machineRecord(
    lab,
    { name: "rs1", memory: 96, interfaces: { ens32: { segment: "lan", addresses: [], mac: "02:00:00:00:00:01" } } },
    { engine, image: "/cache/base.img", hostKey: "ssh-ed25519 AAAA", managementAddress: "198.18.7.10" },
  );
  return {
    labId: lab.id,
    machine,
    directory,
    diskPath: `${directory}/disk.cow`,
    configPath: `${directory}/config.tar`,
    consolePath: `${directory}/console.log`,
  };
}

test("User-Mode Linux gets disks relative to the machine's folder, its NICs in order and its mark", () => {
  const { machine, ...rest } = boot("uml");
  const argv = umlArguments({ machine, ...rest });
  assert.ok(argv.includes("umid=lvs-012345-rs1"));
  assert.ok(argv.includes("mem=96M"));
  assert.ok(argv.includes("ubd0=disk.cow,/cache/base.img"));
  assert.ok(argv.includes("ubd1=config.tar"));
  const nics = argv.filter((word) => /^vec\d/.test(word));
  assert.deepEqual(nics, [
    `vec0:transport=tap,ifname=${machine.nics.mgmt?.tap},gro=1,mac=${machine.nics.mgmt?.mac}`,
    `vec1:transport=tap,ifname=${machine.nics.ens32?.tap},gro=1,mac=02:00:00:00:00:01`,
  ]);
  assert.ok(
    !argv.some((word) => word.includes(directory)),
    "a path of the machine's folder is too long for its socket",
  );
});

test("QEMU gets its mark, Debian's kernel beside the image, disks on one controller and its NICs in order", () => {
  const { machine, ...rest } = boot("tcg");
  const argv = qemuArguments({ machine, ...rest }, "tcg");
  const after = (option: string) => argv.filter((_, index) => argv[index - 1] === option);
  assert.deepEqual(after("-name"), ["guest=lvs-012345-rs1"]);
  assert.equal(markOf(["/usr/bin/qemu-system-x86_64", ...argv, ""].join("\0")), "lvs-012345-rs1");
  assert.deepEqual(after("-kernel"), ["/cache/vmlinuz"]);
  assert.deepEqual(after("-drive"), [
    "if=none,id=disk,file=disk.cow,format=qcow2,cache=unsafe",
    "if=none,id=config,file=config.tar,format=raw,readonly=on",
  ]);
  assert.match(after("-append")[0]!, /^root=\/dev\/nvme0n1 rootfstype=ext4 rw .*systemd\.machine_id=[0-9a-f]{32}$/);
  assert.deepEqual(after("-netdev"), [
    `tap,id=nic0,ifname=${machine.nics.mgmt?.tap},script=no,downscript=no`,
    `tap,id=nic1,ifname=${machine.nics.ens32?.tap},script=no,downscript=no`,
  ]);
  assert.deepEqual(after("-device").slice(-2), [
    `virtio-net-pci,netdev=nic0,mac=${machine.nics.mgmt?.mac},romfile=`,
    "virtio-net-pci,netdev=nic1,mac=02:00:00:00:00:01,romfile=",
  ]);
  // What the user asked for is what programs have; Debian's kernel needs its own beside.
  assert.ok(Number.parseInt(after("-m")[0]!) > 96);
});

test("only the accelerator and what goes with it differ between KVM and emulation", () => {
  const [kvm, tcg] = [qemuArguments(boot("kvm"), "kvm"), qemuArguments(boot("tcg"), "tcg")];
  const differing = kvm.flatMap((word, index) => (word === tcg[index] ? [] : [[word, tcg[index]]]));
  assert.deepEqual(differing, [
    ["kvm", "tcg"],
    ["host", "max"],
  ]);
});
