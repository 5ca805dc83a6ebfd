import type { Step, StepResult } from "../host/types.js";
import type { Query, Reading } from "./noun.js";
import { tracesOf, unexpected } from "./reading.js";
import { lines, script } from "./script.js";

/**
 * Asks the host by the script `name` for rules: one line with the modules and tables that are there, then a line for each rule, which
 * is a state of `values`, `absent` or `unreadable <why>`. Throws for any other answer.
 */
export function readRules<Value extends string>(
  name: string,
  keys: string[],
  values: readonly Value[],
): Query<Record<string, Reading<Value>>> {
  return {
    steps: keys.length > 0 ? [script(name, keys)] : [],
    parse: (results: StepResult[]) => {
      const said = results[0]?.stdout ?? "";
      const [modules = "", ...answers] = lines(said);
      if (keys.length > 0 && answers.length !== keys.length) throw unexpected("reading firewall rules", said);
      const trace = modules.split(" ").filter((word) => word !== "");
      return Object.fromEntries(keys.map((key, index) => [key, reading(answers[index]!, values, trace)]));
    },
  };
}

function reading<Value extends string>(answer: string, values: readonly Value[], trace: string[]): Reading<Value> {
  const value = values.find((each) => each === answer);
  if (value !== undefined) return { state: "present", value };
  if (answer === "absent") return { state: "absent", trace };
  if (answer.startsWith("unreadable ")) return { state: "unreadable", reason: answer.slice("unreadable ".length) };
  throw unexpected("reading firewall rules", answer);
}

/** What was found beside a rule, which others may have preceded: what our first one brought along was not there before us. */
export function sinceOurFirst<Value>(found: Reading<Value>, olders: Reading<Value>[]): Reading<Value> {
  const first = olders.find((older) => older.state === "absent");
  return found.state === "absent" && first?.state === "absent" ? { ...found, trace: first.trace } : found;
}

/** Takes chains (`<program> <table> <chain>`), their tables and modules away that came with our rules, where nobody else needs them. */
export function unloading<Value>(founds: Readonly<Record<string, Reading<Value>>>, chains: string[]): Step[] {
  const ours = Object.values(founds).filter(({ state }) => state === "absent");
  return ours.length === 0 ? [] : [script("unload-tables", [...chains, "--", ...tracesOf(ours)])];
}
