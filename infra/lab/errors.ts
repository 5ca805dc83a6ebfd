/** What a lab could not do, in words for a person: what, the value, and the next step. */
export class LabError extends Error {
  override name = "LabError";
}

/** A command of the lab's own machine that failed; branch on its fields, never on the message. */
export class LabCommandError extends LabError {
  override name = "LabCommandError";
  constructor(
    readonly argv: string[],
    /** Exit code, or the signal's name, or the reason why it could not be started. */
    readonly code: number | string,
    readonly stderr: string,
  ) {
    super(`"${argv.join(" ")}" exited ${code}${stderr.trim() ? `: ${stderr.trim()}` : ""}`);
  }
}
