/** Looks for what is not as the last `up` left it, `node --import tsx infra/setup/drift.ts <stack> [flags of refresh]`; exits 0, or 7 with drift. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { driftOf, driftText, type RefreshDigest } from "./drift-text.js";

const root = join(__dirname, "..", "..");
/** Exit status that says: looked, and there is drift. */
const DRIFT = 7;

/** Runs a refresh that changes nothing, and gives its digest; its own exit status says less than what it printed. */
function refresh(stack: string, further: string[]): Promise<RefreshDigest> {
  const words = ["refresh", "--preview-only", "--json", "--stack", stack, ...further];
  const argv = [join(root, "infra", "setup", "pulumi.sh"), ...words];
  return new Promise((resolve, reject) => {
    execFile("sh", argv, { cwd: root, maxBuffer: 256 << 20 }, (error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout) as RefreshDigest);
      } catch {
        reject(new Error(`drift: the hosts must be read, got:\n${stderr || stdout || String(error?.message)}`));
      }
    });
  });
}

async function main([stack, ...further]: string[]): Promise<void> {
  if (!stack) throw new Error("drift: a stack must be named, got none. Run npm run -s drift -- lab-dr.");
  const begin = Date.now();
  const found = driftOf(await refresh(stack, further));
  process.stdout.write(driftText(stack, found, (Date.now() - begin) / 1000));
  if (found.errors.length > 0) process.exitCode = 1;
  else if (found.drifts.length > 0) process.exitCode = DRIFT;
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
