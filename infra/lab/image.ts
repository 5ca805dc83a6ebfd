import { access } from "node:fs/promises";
import { run } from "./command.js";
import { imageKindScript, imageScript } from "./paths.js";

/** Path of the guests' disk image; builds it first (under a minute) when it is not there. */
export async function ensureImage(progress?: (message: string) => void, signal?: AbortSignal): Promise<string> {
  const path = (await run(["sh", imageScript, "--path"], { signal })).trim();
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (there) return path;
  return build(["sh", imageScript], progress, signal);
}

/** Path of the archive with the packages of a kind of guest; builds it first (half a minute at most) when it is not there. */
export function ensureKind(kind: string, progress?: (message: string) => void, signal?: AbortSignal): Promise<string> {
  return build(["sh", imageKindScript, kind], progress, signal);
}

async function build(argv: string[], progress?: (message: string) => void, signal?: AbortSignal): Promise<string> {
  const onLine = (line: string) => {
    if (line.startsWith("lab image: ")) progress?.(line);
  };
  return (await run(argv, { signal, onLine })).trim().split("\n").pop()!;
}
