import { access } from "node:fs/promises";
import { run } from "./command.js";
import { imageScript } from "./paths.js";

/** Path of the guests' disk image; builds it first (under a minute) when it is not there. */
export async function ensureImage(progress?: (message: string) => void, signal?: AbortSignal): Promise<string> {
  const path = (await run(["sh", imageScript, "--path"], { signal })).trim();
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (there) return path;
  const onLine = (line: string) => {
    if (line.startsWith("lab image: ")) progress?.(line);
  };
  return (await run(["sh", imageScript], { signal, onLine })).trim().split("\n").pop() ?? path;
}
