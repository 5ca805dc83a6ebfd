import Table from "cli-table3";
import { diffLines } from "diff";

/** What `pulumi refresh --preview-only --json` prints, as far as it tells of drift. */
export interface RefreshDigest {
  steps?: Step[];
  diagnostics?: { message?: string; severity?: string }[];
}

interface Step {
  op: string;
  urn: string;
  oldState?: State;
  newState?: State;
  detailedDiff?: Record<string, { kind: string }> | null;
}

interface State {
  inputs?: Record<string, unknown>;
}

/** One thing that is not as the last `up` left it. */
export interface Drift {
  /** Host, or the cluster for what no single host can tell. */
  where: string;
  what: string;
  set: string;
  found: string;
}

/** All that was found. */
export interface Found {
  drifts: Drift[];
  /** What explains a drift that has no value of its own, and what could not be looked at. */
  notes: string[];
  /** Why a host could not be read. */
  errors: string[];
  /** Resources that were read. */
  looked: number;
}

/** Sorts a digest out; `running`, `reachable` and `sound` have their reasons among the notes. */
export function driftOf({ steps = [], diagnostics = [] }: RefreshDigest): Found {
  const drifts = steps
    .filter(({ op }) => op !== "refresh" && op !== "same")
    .flatMap((step) => driftsOf(step))
    .sort((a, b) => (a.where + a.what < b.where + b.what ? -1 : 1));
  const said = (severity: string) =>
    diagnostics
      .filter((each) => each.severity === severity)
      .map(({ message = "" }) => message.replace(/^(warning|error): /, "").trim());
  return {
    drifts,
    notes: said("warning").filter((note) => !note.endsWith(" is not as it was set up")),
    errors: said("error").filter((error) => !/^preview failed$|^update failed$/.test(error)),
    looked: steps.filter(({ oldState }) => oldState?.inputs && Object.keys(oldState.inputs).length > 0).length,
  };
}

function driftsOf({ op, urn, oldState, newState, detailedDiff }: Step): Drift[] {
  const before = oldState?.inputs ?? {};
  const after = newState?.inputs ?? {};
  const host = before["host"];
  const where =
    typeof host === "string" ? host : urn.includes(":Verification::") ? "cluster" : (urn.split("::").pop() ?? urn);
  if (op === "delete") return [{ where, what: "all of it", set: "there", found: "gone" }];
  return Object.keys(detailedDiff ?? {}).map((path) => {
    const [set, found] = [at(before, path), at(after, path)];
    const whole = WHOLE[path];
    if (whole !== undefined) return { where, what: whole, set: "in order", found: "not in order" };
    if (typeof set === "string" && typeof found === "string" && set.includes("\n"))
      return { where, what: path, ...changedLines(set, found) };
    return { where, what: path, set: shown(set), found: shown(found) };
  });
}

/** Properties that stand for something without a value of its own. */
const WHOLE: Record<string, string> = {
  running: "the daemon",
  reachable: "the machine",
  sound: "VIPs and VRRP on the wire",
};

/** The value at a property path of Pulumi: `files["/etc/motd"].content`. */
function at(value: unknown, path: string): unknown {
  const keys = [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) => (quoted === undefined ? (index ?? plain) : JSON.parse(`"${quoted}"`)) as string,
  );
  return keys.reduce<unknown>(
    (inner, key) => (inner === null || typeof inner !== "object" ? undefined : (inner as Record<string, unknown>)[key]),
    value,
  );
}

/** The lines that only one of two texts has. */
function changedLines(set: string, found: string): { set: string; found: string } {
  const parts = diffLines(set, found);
  const lines = (side: "added" | "removed") =>
    parts
      .filter((part) => part[side])
      .map(({ value }) => value.trimEnd())
      .join("\n") || "(no line)";
  return { set: lines("removed"), found: lines("added") };
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A table for a person, and what to do next. */
export function driftText(stack: string, { drifts, notes, errors, looked }: Found, seconds: number): string {
  const head = `${stack}: ${looked} resources read in ${seconds.toFixed(1)} s, `;
  const tail = [...notes.map((note) => `note: ${note}`), ...errors.map((error) => `not read: ${error}`)];
  if (drifts.length === 0)
    return [`${head}${errors.length > 0 ? "not all of them" : "no drift"}`, ...tail, ""].join("\n");
  const table = new Table({
    head: ["host", "what", "as set up", "found"],
    style: { head: [], border: [], compact: true },
    colWidths: [14, 44, 32, 32],
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
  for (const { where, what, set, found } of drifts) table.push([where, what, set, found]);
  const next = ["Put it back:", `  npm run -s pulumi -- refresh -s ${stack}`, `  npm run -s pulumi -- up -s ${stack}`];
  return [`${head}${drifts.length} not as set up`, table.toString(), ...tail, ...next, ""].join("\n");
}
