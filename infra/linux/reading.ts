import type { Reading } from "./noun.js";

/** Throws for a reading that says nothing: what cannot be read could not be put back. */
export function known<T>(
  noun: string,
  key: string,
  reading: Reading<T>,
): Extract<Reading<T>, { state: "present" | "absent" }> {
  if (reading.state !== "unreadable") return reading;
  throw new Error(
    `${noun}[${JSON.stringify(key)}]: must be readable before it is changed, got ${reading.reason}. ` +
      `Put that right on the host and run again.`,
  );
}

/** The value of a reading; undefined when there is none. */
export function valueOf<T>(reading: Reading<T>): T | undefined {
  return reading.state === "present" ? reading.value : undefined;
}

/** The traces of what was absent before us, together. */
export function tracesOf<T>(readings: Reading<T>[]): string[] {
  return [...new Set(readings.flatMap((reading) => (reading.state === "absent" ? (reading.trace ?? []) : [])))];
}

/** An absent thing with the traces of others added to its own: they came with one of ours, and may go with any. */
export function withTraces<T>(found: Reading<T>, olders: Reading<T>[]): Reading<T> {
  if (found.state !== "absent") return found;
  const trace = tracesOf([found, ...olders]);
  return trace.length > 0 ? { ...found, trace } : found;
}

/** Throws for a key that is no name, before a program could take it for an option, or for several names. */
export function checkName(noun: string, key: string): void {
  if (/^[A-Za-z0-9_@.:][A-Za-z0-9_@.:+\\-]*$/.test(key)) return;
  throw new Error(
    `${noun}[${JSON.stringify(key)}]: must be a name of letters, digits and _ @ . : + \\ -, not beginning with - or +. Correct it.`,
  );
}

/** The answer of a command that does not fit the keys that it was asked for. */
export function unexpected(what: string, stdout: string): Error {
  return new Error(`${what}: must print one answer for each key, got ${JSON.stringify(stdout.slice(0, 200))}.`);
}
