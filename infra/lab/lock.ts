import { spawn } from "node:child_process";
import { mkdir, open, rmdir, stat, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "./errors.js";
import { labsDir, stateDir } from "./paths.js";

/** Seconds to wait for another command; all that is done under the lock takes well under a second. */
const LIMIT_SECONDS = 60;

function lockPath(): string {
  return join(stateDir(), "lock");
}

/** Takes the kernel's lock on an open file; it goes with the descriptor, so a killed process never leaves one behind. */
function flock(handle: FileHandle): Promise<void> {
  return new Promise((resolve, reject) => {
    const argv = ["--exclusive", "--timeout", String(LIMIT_SECONDS), "3"];
    const child = spawn("flock", argv, { stdio: ["ignore", "ignore", "ignore", handle.fd] });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else
        reject(new LabError(`${lockPath()}: held by another lab command for ${LIMIT_SECONDS} s. See "fuser" for it.`));
    });
  });
}

async function acquire(): Promise<FileHandle> {
  for (;;) {
    const made = mkdir(labsDir(), { recursive: true, mode: 0o700 }).then(() => open(lockPath(), "a", 0o600));
    const handle = await made.catch((cause: NodeJS.ErrnoException) => {
      // The last lab's end removes the directory too, perhaps just now, also from under a mkdir of several levels.
      if (cause.code === "ENOENT") return undefined;
      throw cause;
    });
    if (handle === undefined) continue;
    try {
      await flock(handle);
      const [ours, named] = [await handle.stat(), await stat(lockPath()).catch(() => undefined)];
      if (named?.ino === ours.ino) return handle;
    } catch (cause) {
      await handle.close();
      throw cause;
    }
    await handle.close();
  }
}

/** Removes the state directory when no lab is left in it. */
async function removeIfEmpty(): Promise<void> {
  const busy = (cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOTEMPTY" && cause.code !== "ENOENT") throw cause;
    return "busy";
  };
  if ((await rmdir(labsDir()).catch(busy)) === "busy") return;
  await unlink(lockPath());
  await rmdir(stateDir()).catch(busy);
}

/** Runs `work` while no other process and no other call changes labs; short work only, never a boot. */
export async function withLock<T>(work: () => Promise<T>): Promise<T> {
  const handle = await acquire();
  try {
    return await work();
  } finally {
    await removeIfEmpty();
    await handle.close();
  }
}
