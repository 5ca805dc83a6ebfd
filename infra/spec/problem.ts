/** One thing that is wrong in a stack file: where, the rule, what stands there and what to do. */
export interface Problem {
  /** `cluster.services[0].port` */
  path: string;
  /** What must be there: `a whole number from 1 to 65535`. */
  rule: string;
  /** What is there, never a secret: `"eighty"`, `[secret]`, `nothing`. */
  got: string;
  /** A sentence that says what to do. */
  next: string;
}

/** The one form in which people see a problem: `path: rule, got value. Next step.` */
export function formatProblem(problem: Problem): string {
  return `${problem.path}: ${problem.rule}, got ${problem.got}. ${problem.next}`;
}

/** Everything that is wrong in a stack file; the message lists all of it. */
export class SpecError extends Error {
  constructor(readonly problems: Problem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(`${count} in the stack file:\n${problems.map((problem) => `  ${formatProblem(problem)}`).join("\n")}`);
    this.name = "SpecError";
  }
}

const separator = "\u0000";

/** A rule and its next step in one string, for the message of a zod check; {@link unsay} takes them apart. */
export function say(rule: string, next: string): string {
  return `${rule}${separator}${next}`;
}

/** Rule and next step of a message made by {@link say}; undefined for any other message. */
export function unsay(message: string): { rule: string; next: string } | undefined {
  const [rule, next] = message.split(separator);
  return rule !== undefined && next !== undefined ? { rule, next } : undefined;
}
