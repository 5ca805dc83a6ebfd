import { access } from "node:fs/promises";
import { run } from "./command.js";
import type { EngineName } from "./engine.js";
import { imageScript } from "./paths.js";

/** Path of the disk image of an engine's guests; builds it first (about a minute) when it is not there. */
export async function ensureImage(
  engine: EngineName,
  progress?: (message: string) => void,
  signal?: AbortSignal,
): Promise<string> {
  const path = (await run(["sh", imageScript, "--path", engine], { signal })).trim();
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (there) return path;
  const onLine = (line: string) => {
    if (line.startsWith("lab image: ")) progress?.(line);
  };
  return (await run(["sh", imageScript, engine], { signal, onLine })).trim().split("\n").pop() ?? path;
}
