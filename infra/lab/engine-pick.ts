import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Engine, EngineChoice } from "./engine.js";
import { QEMU } from "./engine-qemu.js";
import { UML_KERNEL } from "./engine-uml.js";
import { engines } from "./engines.js";
import { LabError } from "./errors.js";
import { probeKvm, type Probe } from "./kvm-probe.js";

/** What the choice depends on; tests give their own. */
export interface Means {
  /** True when the engine's program is installed. */
  has(program: "uml" | "qemu"): Promise<boolean>;
  /** Whether KVM works; asked only when QEMU is installed, since it takes seconds where it does not. */
  kvm(): Promise<Probe>;
}

const INSTALL = {
  uml: "apt-get install --yes --no-install-recommends user-mode-linux tcc",
  qemu: "apt-get install --yes --no-install-recommends qemu-system-x86 qemu-utils",
};

async function inPath(program: string): Promise<boolean> {
  const folders = (process.env.PATH ?? "").split(":").filter((folder) => folder !== "");
  const tries = folders.map((folder) => access(join(folder, program)).then(() => true));
  return Promise.any(tries).catch(() => false);
}

let probed: Promise<Probe> | undefined;
const host: Means = {
  has: (program) => inPath(program === "uml" ? UML_KERNEL : QEMU),
  kvm: () => (probed ??= probeKvm()),
};

/** An engine, and why it is not on KVM where that was looked at. */
export interface Pick {
  engine: Engine;
  note?: string;
}

/**
 * The engine for a new machine. When none is named: KVM where a guest proves that it works, else User-Mode Linux, else
 * QEMU's emulation. Throws a {@link LabError} that says what to install.
 */
export async function pickEngine(choice: EngineChoice | undefined, means: Means = host): Promise<Pick> {
  if (choice === undefined) {
    const qemu = await means.has("qemu");
    const { works, reason } = qemu ? await means.kvm() : { works: false, reason: "QEMU is not installed" };
    if (works) return { engine: engines.kvm };
    const note = `lab: KVM is not taken: ${reason}`;
    if (await means.has("uml")) return { engine: engines.uml, note };
    if (qemu) return { engine: engines.tcg, note };
    throw new LabError(`lab: needs User-Mode Linux or QEMU, got neither. Run: ${INSTALL.uml} (or: ${INSTALL.qemu})`);
  }
  const program = choice === "uml" ? "uml" : "qemu";
  if (!(await means.has(program))) {
    const name = program === "uml" ? "User-Mode Linux" : "QEMU";
    throw new LabError(`lab.engine: "${choice}" needs ${name}, which is not installed. Run: ${INSTALL[program]}`);
  }
  if (choice === "uml" || choice === "tcg") return { engine: engines[choice] };
  const { works, reason } = await means.kvm();
  if (works) return { engine: engines.kvm };
  if (choice === "qemu") return { engine: engines.tcg, note: `lab: KVM is not taken: ${reason}` };
  throw new LabError(`lab.engine: "kvm" needs KVM, but ${reason}. Name "qemu": it emulates where there is no KVM.`);
}
