import { execFile } from "node:child_process";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QEMU } from "./engine-qemu.js";
import { writeAtomically } from "./inventory.js";
import { EXIT_PORT, EXIT_STATUS, tinyGuest } from "./kvm-guest.js";
import { cacheDir } from "./paths.js";

/** Seconds for the tiny guest: it takes 0.3 where KVM works. */
export const PROBE_SECONDS = 5;

/** What a probe of KVM found. */
export interface Probe {
  works: boolean;
  /** Why not, for a person. */
  reason?: string;
}

/** Arguments of QEMU for a guest that is nothing but a firmware. */
export function probeArguments(accelerator: "kvm" | "tcg", firmware: string): string[] {
  return [
    ...["-nodefaults", "-no-user-config", "-display", "none"],
    ...["-machine", "pc", "-accel", accelerator, "-m", "16M", "-bios", firmware],
    ...["-device", `isa-debug-exit,iobase=${EXIT_PORT},iosize=1`],
  ];
}

/** Boots the tiny guest and waits for its word, no longer than the limit. */
export async function bootTinyGuest(accelerator: "kvm" | "tcg", seconds = PROBE_SECONDS): Promise<Probe> {
  const folder = await mkdtemp(join(tmpdir(), "lvs-kvm-"));
  try {
    const firmware = join(folder, "guest.bin");
    await writeFile(firmware, tinyGuest());
    return await new Promise((resolve) => {
      // SIGKILL: a QEMU that hangs in KVM does not look at other signals.
      const limit = { timeout: seconds * 1000, killSignal: "SIGKILL" } as const;
      execFile(QEMU, probeArguments(accelerator, firmware), limit, (cause, _stdout, stderr) => {
        if (cause?.code === EXIT_STATUS) resolve({ works: true });
        else if (cause?.killed) resolve({ works: false, reason: `a tiny guest was not done within ${seconds} s` });
        else resolve({ works: false, reason: stderr.trim().split("\n").pop() || `${QEMU} exited ${cause?.code ?? 0}` });
      });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Whether KVM works here, found out once for each time that this computer was started. */
export async function probeKvm(): Promise<Probe> {
  const device = await access("/dev/kvm").then(
    () => true,
    () => false,
  );
  if (!device) return { works: false, reason: "/dev/kvm is not there" };
  const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  const path = join(cacheDir(), "kvm.json");
  const known = await readFile(path, "utf8").then(parse, () => undefined);
  if (known?.boot === boot) return known.probe;
  const probe = await bootTinyGuest("kvm");
  await writeAtomically(path, `${JSON.stringify({ boot, probe })}\n`, 0o644);
  return probe;
}

function parse(text: string): { boot: string; probe: Probe } | undefined {
  try {
    return JSON.parse(text) as { boot: string; probe: Probe };
  } catch {
    // Written by something else: found out again.
    return undefined;
  }
}
