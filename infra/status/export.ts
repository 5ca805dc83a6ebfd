import { execFile } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "..", "..");

/** A resource as `pulumi stack export` has it. */
export interface Resource {
  urn: string;
  type: string;
  parent?: string;
  /** Waits to be deleted: another one stands in its place. */
  delete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** What `pulumi stack export --show-secrets` prints, as far as it is read. */
export interface Deployment {
  deployment?: { resources?: Resource[] };
}

/** Reads a stack's state; its secrets stay in this process. Throws with what the CLI said. */
export function readState(stack: string): Promise<Deployment> {
  const argv = [join(root, "infra", "setup", "pulumi.sh"), "stack", "export", "--show-secrets", "--stack", stack];
  return new Promise((resolve, reject) => {
    execFile("sh", argv, { cwd: root, maxBuffer: 256 << 20 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`status: the state of stack ${stack} must be readable, got:\n${stderr.trim()}`));
      else resolve(JSON.parse(stdout) as Deployment);
    });
  });
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** A value of a state without the wrappers of its secrets. */
export function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (value === null || typeof value !== "object") return value;
  const fields = value as Record<string, unknown>;
  if (SIGNATURE in fields) return unwrapped(JSON.parse(String(fields["plaintext"])));
  return Object.fromEntries(Object.entries(fields).map(([key, item]) => [key, unwrapped(item)]));
}
