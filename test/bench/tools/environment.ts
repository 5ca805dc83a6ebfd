import { existsSync } from "node:fs";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "./command.js";

/** Makes the Python environment with Ansible and pyinfra, unless an earlier run has; gives its bin folder. */
export async function others(): Promise<string> {
  const requirements = join(__dirname, "requirements.txt");
  const version = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 8);
  const place = join(tmpdir(), `lvs-bench-python-${version}`);
  const bin = join(place, "bin");
  if (!existsSync(join(place, "complete"))) {
    console.error("installing Ansible and pyinfra from PyPI");
    await command(["python3", "-m", "venv", "--clear", place]);
    await command([join(bin, "pip"), "install", "--quiet", "--requirement", requirements]);
    await command(["touch", join(place, "complete")]);
  }
  return bin;
}
