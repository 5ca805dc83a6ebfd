import type { Outcome } from "./outcome.js";

/** A phase that has ended. */
export interface Ended extends Outcome {
  name: string;
  seconds: number;
}

/** Figures, failures, a table of the phases, and as last line the totals that a machine may read. */
export function summary(ended: readonly Ended[]): string {
  const figures = ended.flatMap((phase) => phase.figures.map((figure) => `# ${figure}`));
  const failures = ended.flatMap((phase) => phase.failures.map((failure) => `  ${phase.name}: ${failure}`));
  const header = ["phase", "passed", "failed", "skipped", "seconds"];
  const rows = ended.map((phase) => [
    phase.name,
    String(phase.passed),
    String(phase.failures.length),
    String(phase.skipped),
    phase.seconds.toFixed(1),
  ]);
  const table = [header, ...rows].map(
    ([name = "", ...cells]) => `${name.padEnd(10)}${cells.map((cell) => cell.padStart(9)).join("")}`,
  );
  const sum = (count: (phase: Ended) => number) => ended.reduce((total, phase) => total + count(phase), 0);
  const passed = sum((phase) => phase.passed);
  const failed = sum((phase) => phase.failures.length);
  return [
    "",
    ...figures,
    ...(figures.length > 0 ? [""] : []),
    ...(failures.length > 0 ? ["Failed:", ...failures, ""] : []),
    ...table,
    `${passed} passed, ${failed} failed, ${sum((phase) => phase.skipped)} skipped`,
    "",
  ].join("\n");
}
