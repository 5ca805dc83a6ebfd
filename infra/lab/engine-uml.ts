import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Boot, Engine } from "./engine.js";
import { machineId, namespaceName, processMark } from "./names.js";

const KERNEL = "/usr/bin/linux.uml";

/**
 * Arguments of the User-Mode Linux kernel. Paths are relative to the machine's directory, because its control socket's
 * path has at most 107 bytes.
 */
export function umlArguments(boot: Boot): string[] {
  const { labId, machine } = boot;
  // Received frames may be larger than the MTU (offloads of the host's stack); without gro=1 they would be cut.
  const nics = Object.values(machine.nics).map(
    (nic, index) => `vec${index}:transport=tap,ifname=${nic.tap},gro=1,mac=${nic.mac}`,
  );
  return [
    `umid=${processMark(labId, machine.name)}`,
    "uml_dir=./",
    `mem=${machine.memory}M`,
    `ubd0=${basename(boot.diskPath)},${machine.image}`,
    `ubd1=${basename(boot.configPath)}`,
    ...["root=/dev/ubda", "rootfstype=ext4", "rw"],
    ...nics,
    ...["con=null", "con0=null,fd:1", "quiet"],
    // The guest's clock does not need the busy loop whose calibration this spares (0.25 s of each boot).
    "lpj=20000000",
    "lsm=yama",
    `systemd.machine_id=${machineId(labId, machine.name)}`,
  ];
}

/** User-Mode Linux: a kernel as an ordinary process. A reboot from inside keeps the process, a power-off ends it. */
export const userModeLinux: Engine = {
  name: "uml",
  async start(boot) {
    // What a killed run left here would be taken for a living namesake.
    const mark = processMark(boot.labId, boot.machine.name);
    await rm(join(boot.directory, mark), { recursive: true, force: true });
    const console = await open(boot.consolePath, "w", 0o600);
    try {
      // nsenter and not "ip netns exec": the latter gives each guest a mount namespace that holds on to other mounts.
      const argv = [`--net=/run/netns/${namespaceName(boot.labId)}`, "--", KERNEL, ...umlArguments(boot)];
      const child = spawn("nsenter", argv, {
        cwd: boot.directory,
        // A session of its own: it survives the command that started it and can be killed as a whole.
        detached: true,
        stdio: ["ignore", console.fd, console.fd],
        env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root" },
      });
      await once(child, "spawn");
      child.unref();
    } finally {
      await console.close();
    }
  },
};
