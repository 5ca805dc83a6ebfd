import type { Step, StepResult } from "../host/types.js";

/** What a read found. "Cannot read" is never mixed up with "absent". */
export type Reading<T> =
  | { state: "present"; value: T }
  /** `trace`: what else must be undone to be as before (missing parent folders, packages that came along). */
  | { state: "absent"; trace?: string[] }
  | { state: "unreadable"; reason: string };

/** Commands that read, with the parser of what they print: `parse` takes one result per step, in order. */
export interface Query<T> {
  steps: Step[];
  parse: (results: StepResult[]) => T;
}

/**
 * One kind of thing on a Linux host, kept in maps keyed by its natural name (path, sysctl key, package name …).
 * Both functions are pure: they build commands, a Host runs them elsewhere.
 */
export interface Noun<Want, Have = Want> {
  /** Reads the given keys, in as few steps as possible, changing nothing. */
  read(keys: string[]): Query<Record<string, Reading<Have>>>;
  /**
   * The commands that bring `key` from `have` to `want` (`undefined` want: absent). None when in step. Throws when `have`
   * is unreadable.
   */
  change(key: string, have: Reading<Have>, want: Want | undefined): Step[];
  /** The commands that bring `key` back from `have` to what was `found` before we first touched it, byte for byte. */
  restore(key: string, have: Reading<Have>, found: Reading<Have>): Step[];
  /** As `change`, for many keys in one call, where the host's own tool takes many (one apt-get for all packages). */
  changeAll?(haves: Record<string, Reading<Have>>, wants: Record<string, Want | undefined>): Step[];
  /** As `restore`, for many keys in one call. */
  restoreAll?(haves: Record<string, Reading<Have>>, founds: Record<string, Reading<Have>>): Step[];
  /**
   * What a key was before us, when other keys of the same noun are ours already: what those brought along is read as if it
   * had been there. `olders` are what was found of them.
   */
  inherit?(key: string, found: Reading<Have>, olders: Reading<Have>[]): Reading<Have>;
  /** True when a thing that was read is what is wanted, so that nothing has to be done. */
  equal(have: Reading<Have>, want: Want | undefined): boolean;
}
