/** What the engine did to a resource, by its name: `update`, `create`, … */
export type Operations = Record<string, string>;

interface EngineEvent {
  resOutputsEvent?: { metadata: { op: string; urn: string } };
}

/** Reads the engine's log of events (`--event-log`, a JSON text a line): what was done to each resource, but what stayed the same. */
export function operations(log: string): Operations {
  const events = log
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as EngineEvent);
  const done = events.flatMap(({ resOutputsEvent }) => (resOutputsEvent ? [resOutputsEvent.metadata] : []));
  if (done.length === 0) throw new Error("the engine's log must tell of resources, got none");
  return Object.fromEntries(
    done.filter(({ op }) => op !== "same").map(({ op, urn }) => [urn.slice(urn.lastIndexOf("::") + 2), op]),
  );
}
