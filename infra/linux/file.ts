import type { Step } from "../host/types.js";
import type { FileWant } from "../plan/types.js";
import type { Noun, Query, Reading } from "./noun.js";
import { known, tracesOf, unexpected } from "./reading.js";
import { groups, lines, script } from "./script.js";

/** A regular file as it is; `encoding` says that `content` is base64, because its bytes are not UTF-8 text. */
export interface RegularFile extends FileWant {
  encoding?: "base64";
}

/** A symbolic link as it is, so that it can be put back. */
export interface Link {
  link: string;
  owner: string;
  group: string;
}

export type FileHave = RegularFile | Link;

/** Files of at most 1 MiB: five of them in base64 stay below what a host may print in one step. */
const PER_STEP = 5;

/** The folder that is ours by its name, in which several resources of a host have files: it goes with the last one. */
const OURS = "/etc/pulumi-lvs";

/** Files, keyed by absolute path. Directories, devices and larger files at a path are unreadable. */
export const file: Noun<FileWant, FileHave> = { read, change, restore, equal, inherit };

function read(keys: string[]): Query<Record<string, Reading<FileHave>>> {
  keys.forEach(checkPath);
  const chunks = groups(keys, PER_STEP);
  return {
    steps: chunks.map((chunk) => script("read-files", chunk)),
    parse: (results) => Object.fromEntries(chunks.flatMap((chunk, i) => parse(chunk, results[i]?.stdout ?? ""))),
  };
}

function parse(keys: string[], stdout: string): [string, Reading<FileHave>][] {
  const readings: Reading<FileHave>[] = [];
  const missing: string[] = [];
  for (const line of lines(stdout)) {
    const [kind = "", rest = ""] = /^(\S+) ?(.*)$/.exec(line)?.slice(1) ?? [];
    if (kind === "missing") missing.push(rest);
    else readings.push(reading(kind, rest, missing.splice(0)));
  }
  if (readings.length !== keys.length || missing.length > 0) throw unexpected("reading files", stdout);
  return keys.map((key, i) => [key, readings[i]!]);
}

function reading(kind: string, rest: string, missing: string[]): Reading<FileHave> {
  const words = rest.split(" ");
  switch (kind) {
    case "absent":
      return { state: "absent", ...(missing.length > 0 && { trace: missing }) };
    case "unreadable":
      return { state: "unreadable", reason: rest };
    case "link": {
      const [owner, uid, group, gid, target = ""] = words;
      const link = Buffer.from(target, "base64").toString();
      return { state: "present", value: { link, owner: name(owner, uid), group: name(group, gid) } };
    }
    case "file": {
      const [mode = "", owner, uid, group, gid, content = ""] = words;
      return {
        state: "present",
        value: { ...decode(content), mode: mode.padStart(4, "0"), owner: name(owner, uid), group: name(group, gid) },
      };
    }
    default:
      throw unexpected("reading files", `${kind} ${rest}`);
  }
}

/** stat(1) says UNKNOWN for an id without a name; the number then names it. */
function name(given = "", id = ""): string {
  return given === "UNKNOWN" ? id : given;
}

function decode(base64: string): { content: string; encoding?: "base64" } {
  const bytes = Buffer.from(base64, "base64");
  const text = bytes.toString("utf8");
  // A NUL is valid UTF-8, but no text that a state file or a diff can show.
  return bytes.equals(Buffer.from(text)) && !text.includes("\0")
    ? { content: text }
    : { content: base64, encoding: "base64" };
}

function change(key: string, have: Reading<FileHave>, want: FileWant | undefined): Step[] {
  checkPath(key);
  const now = known("files", key, have);
  if (equal(now, want)) return [];
  if (want === undefined) return [script("remove-file", [key])];
  const value = now.state === "present" ? now.value : undefined;
  if (value && !("link" in value) && bytesOf(value).equals(bytesOf(want))) return attributes(key, value, want);
  return [write(key, want)];
}

function write(key: string, want: RegularFile): Step {
  return script("write-file", [key, want.mode, `${want.owner}:${want.group}`], {
    stdin: bytesOf(want),
    title: `writing ${key}`,
  });
}

/** chown first: it clears the setuid and setgid bits. */
function attributes(key: string, have: FileWant, want: FileWant): Step[] {
  const owned = have.owner === want.owner && have.group === want.group;
  return [
    ...(owned ? [] : [{ argv: ["chown", "--", `${want.owner}:${want.group}`, key] }]),
    ...(owned && have.mode === want.mode ? [] : [{ argv: ["chmod", "--", want.mode, key] }]),
  ];
}

function restore(key: string, have: Reading<FileHave>, found: Reading<FileHave>): Step[] {
  checkPath(key);
  if (found.state === "unreadable") return [];
  const now = known("files", key, have);
  if (found.state === "absent") {
    const alreadyGone = now.state === "absent" ? (now.trace ?? []) : [];
    const folders = [...new Set([...(found.trace ?? []), ...(key.startsWith(`${OURS}/`) ? [OURS] : [])])]
      .filter((folder) => !alreadyGone.includes(folder))
      .reverse();
    if (now.state === "absent" && folders.length === 0) return [];
    return [script("remove-file", [key, ...folders], { title: `removing ${key}` })];
  }
  const value = found.value;
  if (!("link" in value)) {
    const current = now.state === "present" ? now.value : undefined;
    if (current && !("link" in current) && bytesOf(current).equals(bytesOf(value)))
      return attributes(key, current, value);
    return [write(key, value)];
  }
  if (now.state === "present" && sameLink(now.value, value)) return [];
  return [script("link-file", [key, value.link, `${value.owner}:${value.group}`], { title: `linking ${key}` })];
}

/** A folder that came with an older file of ours goes with the last one in it, whichever that is. */
function inherit(key: string, found: Reading<FileHave>, olders: Reading<FileHave>[]): Reading<FileHave> {
  if (found.state !== "absent") return found;
  const folders = tracesOf([found, ...olders]).filter((folder) => key.startsWith(`${folder}/`));
  const trace = folders.sort((a, b) => a.length - b.length);
  return trace.length > 0 ? { ...found, trace } : found;
}

function sameLink(have: FileHave, found: Link): boolean {
  return "link" in have && have.link === found.link && have.owner === found.owner && have.group === found.group;
}

function equal(have: Reading<FileHave>, want: FileWant | undefined): boolean {
  if (have.state !== "present") return have.state === "absent" && want === undefined;
  const { value } = have;
  if (want === undefined || "link" in value) return false;
  return (
    value.mode === want.mode &&
    value.owner === want.owner &&
    value.group === want.group &&
    bytesOf(value).equals(bytesOf(want))
  );
}

function bytesOf(file: RegularFile): Buffer {
  return Buffer.from(file.content, file.encoding ?? "utf8");
}

/** Answers are read line by line, and a relative path would depend on the batch's own folder. */
function checkPath(path: string): void {
  if (!path.startsWith("/") || path.endsWith("/") || /[\n\0]/.test(path)) {
    throw new Error(
      `files[${JSON.stringify(path)}]: must be the absolute path of a file on one line. Write it in full.`,
    );
  }
}
