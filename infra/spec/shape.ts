import type { z } from "zod";
import { nearest } from "./nearest.js";
import { formatPath, valueAt, type Path } from "./path.js";
import { unsay, type Problem } from "./problem.js";
import { keysOf, schemaAt, typesOf } from "./schema-walk.js";
import { isSecretPath, show, showKind } from "./show.js";

type Issue = z.core.$ZodIssue;

/** Where an issue stands: paths are relative to `base`, which is where `schema` describes the input. */
interface Place {
  schema: z.core.$ZodType;
  base: Path;
  input: unknown;
  root: string;
}

/** What zod found, as problems with paths from `root`. Unknown keys name the nearest known one; secrets are not shown. */
export function shapeProblems(schema: z.ZodType, issues: readonly Issue[], input: unknown, root: string): Problem[] {
  return issues.flatMap((issue) => problemsOf(issue, { schema, base: [], input, root }));
}

function problemsOf(issue: Issue, place: Place): Problem[] {
  const path = [...place.base, ...issue.path];
  const value = valueAt(place.input, path);
  const schema = schemaAt(place.schema, issue.path, valueAt(place.input, place.base));
  const at = (...more: string[]): string => formatPath([place.root, ...path, ...more]);
  const got = (text = show): string => (value !== undefined && isSecretPath(path) ? "[secret]" : text(value));
  const problem = (rule: string, next: string, text = show): Problem[] => [
    { path: at(), rule, got: got(text), next: value === undefined ? "Add it." : next },
  ];
  const choice = (known: readonly string[]): Problem[] => {
    const best = typeof value === "string" ? nearest(value, known) : undefined;
    const rule = known.length === 1 ? String(known[0]) : `one of ${known.join(", ")}`;
    return problem(
      rule,
      best !== undefined ? `Did you mean ${best}?` : known.length === 1 ? `Write ${rule}.` : "Choose one of them.",
    );
  };

  // What zod says of keys holds the keys themselves.
  const ofKeys = issue.code === "unrecognized_keys" || issue.code === "invalid_key";
  const said = ofKeys ? undefined : unsay(issue.message);
  if (said !== undefined) return problem(said.rule, said.next, isContainer(issue) ? showKind : show);
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = keysOf(schema);
      return issue.keys.map((key) => {
        const best = nearest(key, known);
        const meant = best === undefined ? "" : `Did you mean ${best}? `;
        const { rule, next } = knownKey(known);
        return { path: at(key), rule, got: show(key), next: meant + next };
      });
    }
    case "invalid_key": {
      const key = unsay(issue.issues[0]?.message ?? "");
      return [
        { path: at(), rule: key?.rule ?? "a valid key", got: show(issue.path.at(-1)), next: key?.next ?? "Rename it." },
      ];
    }
    case "custom": {
      const nested = issue.params?.["nested"] as { schema: z.core.$ZodType; issues: Issue[] } | undefined;
      if (nested === undefined) return problem(issue.message, "Correct it.");
      return nested.issues.flatMap((inner) => problemsOf(inner, { ...place, schema: nested.schema, base: path }));
    }
    case "invalid_value":
      return choice(issue.values.map(String));
    case "invalid_union": {
      const types = typesOf(
        schemaAt(
          place.schema,
          issue.path.at(-1) === "type" ? issue.path.slice(0, -1) : issue.path,
          valueAt(place.input, place.base),
        ),
      );
      if (types.length > 0) return choice(types);
      const branch = objectBranch(issue, value);
      if (branch !== undefined && schema !== undefined) {
        return branch.flatMap((inner) => problemsOf(inner, { ...place, schema, base: path }));
      }
      // The text alternative's own complaint; the text itself may be a file with a secret in it.
      const own = typeof value === "string" ? issue.errors.flat().find(({ code }) => code === "custom") : undefined;
      const text = unsay(own?.message ?? "");
      if (text !== undefined) return problem(text.rule, text.next, showKind);
      return problem("a text, or an object with its fields", "Write it as such.", showKind);
    }
    case "invalid_type": {
      const rule = kinds[issue.expected] ?? issue.expected;
      return problem(rule, "Write it as such.", isContainer(issue) ? showKind : show);
    }
    default:
      return problem(issue.message, "Correct it.");
  }
}

/** True where an object or a list is wanted. */
function isContainer(issue: Issue): boolean {
  return issue.code === "invalid_type" && ["array", "object", "record"].includes(issue.expected);
}

/** Rule and next step for the keys of an object. */
export function knownKey(known: readonly string[]): Pick<Problem, "rule" | "next"> {
  return { rule: "a known key", next: `Known: ${known.join(", ")}.` };
}

const kinds: Readonly<Record<string, string>> = {
  array: "a list",
  object: "an object",
  record: "an object",
  boolean: "true or false",
  string: "a text",
  number: "a number",
};

/** Of a union's complaints those of the object alternative, when the value is an object. */
function objectBranch(issue: z.core.$ZodIssueInvalidUnion, value: unknown): Issue[] | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return issue.errors.find((branch) =>
    branch.every((inner) => inner.path.length > 0 || inner.code === "unrecognized_keys"),
  );
}
