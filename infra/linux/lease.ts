import type { Step } from "../host/types.js";
import { script } from "./script.js";

/** Exit code of a step that found the host to be another's. */
export const TAKEN = 75;

/** The step that makes a host this owner's for some seconds; `words` tell others who it is. {@link TAKEN} when it is another's. */
export function take(owner: string, words: string, seconds: number): Step {
  return script("take-lease", [String(Math.ceil(seconds)), owner, words]);
}

/** The step that gives the host back. */
export function leave(owner: string): Step {
  return script("leave-lease", [owner]);
}
