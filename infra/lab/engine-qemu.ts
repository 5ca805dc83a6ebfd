import { access } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { run } from "./command.js";
import { startDetached } from "./detached.js";
import type { Boot, Engine } from "./engine.js";
import { machineId, processMark } from "./names.js";

/** QEMU for the one architecture that labs have. */
export const QEMU = "qemu-system-x86_64";
/** Lies beside the image: `infra/setup/image/qemu/kernel.sh`. */
const KERNEL = "vmlinuz";

/** MiB that Debian's kernel takes for itself, beside what User-Mode Linux needs for the same programs. */
const KERNEL_MEMORY = 96;

/** Words after the accelerator's name that say what a guest sees of the CPU. */
const cpus = { kvm: "host", tcg: "max" };

/**
 * Arguments of QEMU. Disks are on an NVMe controller, since of all disks that QEMU knows only its driver is built into
 * Debian's kernel: so no initial RAM disk has to be unpacked. Paths are relative to the machine's directory.
 */
export function qemuArguments(boot: Boot, accelerator: "kvm" | "tcg"): string[] {
  const { labId, machine } = boot;
  const nics = Object.values(machine.nics).flatMap((nic, index) => [
    ...["-netdev", `tap,id=nic${index},ifname=${nic.tap},script=no,downscript=no`],
    ...["-device", `virtio-net-pci,netdev=nic${index},mac=${nic.mac},romfile=`],
  ]);
  // "unsafe" leaves out only the host's own flush to its disk: what a guest has flushed survives the end of QEMU.
  const disk = `if=none,id=disk,file=${basename(boot.diskPath)},format=qcow2,cache=unsafe`;
  const config = `if=none,id=config,file=${basename(boot.configPath)},format=raw,readonly=on`;
  return [
    ...["-name", `guest=${processMark(labId, machine.name)}`],
    ...["-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio"],
    ...["-machine", "q35", "-accel", accelerator, "-cpu", cpus[accelerator], "-smp", "1"],
    ...["-m", `${machine.memory + KERNEL_MEMORY}M`],
    ...["-kernel", join(dirname(machine.image), KERNEL), "-append", kernelArguments(boot).join(" ")],
    ...["-drive", disk, "-drive", config],
    ...["-device", "nvme,id=nvme,serial=lab"],
    ...["-device", "nvme-ns,bus=nvme,drive=disk,nsid=1", "-device", "nvme-ns,bus=nvme,drive=config,nsid=2"],
    ...nics,
  ];
}

function kernelArguments({ labId, machine }: Boot): string[] {
  return [
    ...["root=/dev/nvme0n1", "rootfstype=ext4", "rw"],
    ...["console=ttyS0", "quiet"],
    "modules_load=virtio_pci,virtio_net",
    // A guest that a busy computer lets wait at the wrong moment would take its own timers for broken.
    ...["no_timer_check", "tsc=nowatchdog", "nowatchdog"],
    // Guests of a lab trust each other: what guards one program against another costs an emulated CPU most.
    "mitigations=off",
    "lsm=yama",
    `systemd.machine_id=${machineId(labId, machine.name)}`,
  ];
}

/** QEMU with Debian's own kernel. A reboot from inside keeps the process, a power-off ends it. */
function qemu(accelerator: "kvm" | "tcg", bootSeconds: number): Engine {
  return {
    name: accelerator,
    bootSeconds,
    async start(boot) {
      const there = await access(boot.diskPath).then(
        () => true,
        () => false,
      );
      const create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", boot.machine.image, boot.diskPath];
      if (!there) await run(create);
      await startDetached(boot, [QEMU, ...qemuArguments(boot, accelerator)]);
    },
  };
}

/** QEMU on KVM. */
export const virtualised = qemu("kvm", 120);
/** QEMU without help of the CPU. Five guests that boot at once on two cores take 2.5 minutes; beside other work, above 8. */
export const emulated = qemu("tcg", 900);
