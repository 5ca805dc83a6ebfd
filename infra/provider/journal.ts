import { createHash } from "node:crypto";
import type { Step } from "../host/types.js";
import { file, type FileHave } from "../linux/file.js";
import type { Reading } from "../linux/noun.js";

const FOLDER = "/var/lib/pulumi-lvs";

/** The record as it was read: what it says, and the reading from which it is written again. */
export interface JournalEntry<Found> {
  readings: Record<string, Reading<FileHave>>;
  found: Found | undefined;
}

/**
 * What was found on a host before the first change, kept on the host itself. The state of Pulumi knows it too, but
 * only once the operation has ended: after a SIGKILL in the middle of the first `up` this record alone can tell the
 * host's own settings from ours.
 */
export class Journal<Found> {
  readonly path: string;

  constructor(private readonly urn: string) {
    // A pair of proxies that becomes a cluster of LVS, or the other way round, goes on with what it has found.
    const name = urn.replace("lvs:index:ProxyPair$", "lvs:index:LvsCluster$");
    this.path = `${FOLDER}/found-${createHash("sha256").update(name).digest("hex").slice(0, 16)}.json`;
  }

  /** Reads the record. */
  query() {
    const { steps, parse } = file.read([this.path]);
    return {
      steps,
      parse: (results: Parameters<typeof parse>[0]): JournalEntry<Found> => {
        const readings = parse(results);
        const reading = readings[this.path];
        if (reading?.state === "unreadable")
          throw new Error(`${this.path}: cannot read what was found before, got ${reading.reason}. Repair the file.`);
        const text = reading?.state === "present" && "content" in reading.value ? reading.value.content : undefined;
        return { readings, found: text === undefined ? undefined : this.parse(text) };
      },
    };
  }

  private parse(text: string): Found {
    const found = foundIn(text);
    if (found === undefined)
      throw new Error(
        `${this.path}: must tell what was found before the first change, got no whole record. Repair it.`,
      );
    return found as Found;
  }

  /** Steps that write the record; they stand before every other change. */
  write(entry: JournalEntry<Found>, found: Found): Step[] {
    const content = `${JSON.stringify({ urn: this.urn, found })}\n`;
    const want = { content, mode: "0600", owner: "root", group: "root" };
    return file.change(this.path, entry.readings[this.path] ?? { state: "absent" }, want);
  }

  /** Steps that remove the record and, with the last one, its folder. */
  remove(): Step[] {
    return [
      { argv: ["rm", "-f", this.path] },
      // The folder is shared with the other resources of this host: it goes with the last record.
      { argv: ["rmdir", FOLDER], accept: "any" },
    ];
  }
}

/** What a record holds; undefined when somebody broke it (we write it whole or not at all). */
function foundIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { found?: unknown } | null)?.found;
  } catch {
    return undefined;
  }
}
