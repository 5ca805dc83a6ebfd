import { copyFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { quietestCpu } from "./cpu.js";
import { startDetached } from "./detached.js";
import type { Boot, Engine } from "./engine.js";
import { machineId, processMark } from "./names.js";

/** The kernel, an ordinary program. */
export const UML_KERNEL = "linux.uml";
/** Lies beside the image and says in its source why it is needed: `infra/setup/image/uml/xstate.c`. */
const PRELOADED = "xstate.so";

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

/**
 * Started in the kernel's stead: at a reboot from inside, User-Mode Linux executes its own argv[0] again, with all its
 * descriptors still open, and an open tap cannot be opened a second time. Also drops what this process inherited.
 */
const START_SCRIPT = `#!/bin/bash
for fd in /proc/self/fd/*; do
    fd=\${fd##*/}
    # bash reads this script from 255 and closes that itself.
    if ((fd > 2 && fd != 255)); then exec {fd}>&-; fi
done
exec -a "$0" /usr/bin/${UML_KERNEL} "$@"
`;

/** User-Mode Linux: a kernel as an ordinary process. A reboot from inside keeps the process, a power-off ends it. */
export const userModeLinux: Engine = {
  name: "uml",
  bootSeconds: 180,
  async start(boot) {
    // What a killed run left here would be taken for a living namesake.
    await rm(join(boot.directory, processMark(boot.labId, boot.machine.name)), { recursive: true, force: true });
    await writeFile(join(boot.directory, "start"), START_SCRIPT, { mode: 0o700 });
    await copyFile(join(dirname(boot.machine.image), PRELOADED), join(boot.directory, PRELOADED));
    // One CPU for all processes of a guest: each of its system calls and page faults is a change between two of them, and
    // waking the other one up on another CPU takes longer than the work itself (a fork and exec: 13 ms instead of 37).
    const before = ["taskset", "-c", String(await quietestCpu())];
    await startDetached(boot, ["./start", ...umlArguments(boot)], { before, env: { LD_PRELOAD: `./${PRELOADED}` } });
  },
};
